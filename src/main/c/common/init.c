#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handon.h"
#include "message.h"
#include "run.h"
#include "spawn.h"
#include "text.h"

/*
 * Under ptrace each system call here costs tens of microseconds, and the program waits for those
 * before its start and after its end. Therefore no call here is for convenience.
 */

struct init {
	pid_t program;
	int signals;
	int control;
	int ended;     /* the program has */
	int childless; /* no orphan is left either */
	int status;
};

static struct handon handon;

/* 1 when VARIABLE ("NAME=...") is one of the comma list NAMES. */
static int is_named(const char *variable, const char *names)
{
	size_t length = strcspn(variable, "=");

	for (;; names++) {
		size_t bytes = strcspn(names, ",");

		if (bytes == length && !strncmp(names, variable, bytes))
			return 1;
		names += bytes;
		if (!*names)
			return 0;
	}
}

void init_forget(char **env, const char *names)
{
	char **kept = env;

	if (!strcmp(names, "-"))
		return;
	for (; *env; env++)
		if (!is_named(*env, names))
			*kept++ = *env;
	*kept = NULL;
}

struct begin {
	int control;
	sigset_t mask;
	char **command;
	char **env;
};

static int program_become(void *what)
{
	struct begin *begin = what;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(begin->control);
	sigprocmask(SIG_SETMASK, &begin->mask, NULL);
	return message_print(run_program(begin->command, begin->env));
}

static void children_reap(struct init *init)
{
	int status;

	for (;;) {
		pid_t child = waitpid(-1, &status, WNOHANG);

		init->childless = child < 0;
		if (child <= 0)
			return;
		if (child == init->program) {
			init->ended = 1;
			init->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
							   : WEXITSTATUS(status);
		}
	}
}

static void signals_read(struct init *init)
{
	struct signalfd_siginfo info[8];
	ssize_t bytes = read(init->signals, info, sizeof info);

	for (ssize_t i = 0; i < bytes / (ssize_t)sizeof *info; i++) {
		if (info[i].ssi_signo == SIGCHLD)
			children_reap(init);
		else
			handon_seen(&handon, (int)info[i].ssi_signo, handon_now());
	}
}

/* 0 when the supervisor is gone. */
static int control_read(struct init *init)
{
	unsigned char asked[16];
	ssize_t bytes = read(init->control, asked, sizeof asked);

	for (ssize_t i = 0; i < bytes; i++)
		handon_asked(&handon, asked[i], handon_now());
	return bytes > 0 || (bytes < 0 && (errno == EINTR || errno == EAGAIN));
}

static void signals_send(struct init *init)
{
	int number;

	if (handon_wait(&handon, 0) < 0)
		return; /* the usual case, without asking for the time */
	while ((number = handon_next(&handon, handon_now())))
		kill(init->program, number);
}

/* Kills the children that are left; 0 when they cannot be listed. */
static int orphans_kill(void)
{
	char path[40 + TEXT_DECIMAL] = "/proc/self/task/", list[512], number[TEXT_DECIMAL];
	ssize_t bytes;
	pid_t pid = 0;
	int fd;

	strcat(strcat(path, text_decimal(number, getpid())), "/children");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while ((bytes = read(fd, list, sizeof list)) > 0) {
		for (ssize_t i = 0; i < bytes; i++) {
			if (list[i] >= '0' && list[i] <= '9') {
				pid = pid * 10 + (list[i] - '0');
			} else if (pid) {
				kill(pid, SIGKILL);
				pid = 0;
			}
		}
	}
	close(fd);
	return 1;
}

/* The dead ones' own children arrive here in turn, therefore until none is left. */
static void orphans_end(void)
{
	while (waitpid(-1, NULL, WNOHANG) >= 0) {
		if (!orphans_kill())
			return;
		waitpid(-1, NULL, 0);
	}
}

static int program_wait(struct init *init)
{
	struct pollfd event[2] = {
		{ .fd = init->signals, .events = POLLIN },
		{ .fd = init->control, .events = POLLIN },
	};

	while (!init->ended) {
		int wait = handon_wait(&handon, 0);

		if (wait >= 0)
			wait = handon_wait(&handon, handon_now());
		if (poll(event, 2, wait) < 0)
			continue;
		if (event[0].revents)
			signals_read(init);
		if (event[1].revents && !control_read(init)) {
			kill(init->program, SIGKILL);
			event[1].fd = -1;
		}
		if (!init->ended)
			signals_send(init);
	}
	if (!init->childless)
		orphans_end();
	return init->status;
}

/*
 * Without PR_SET_PDEATHSIG of its own: when the engine is killed, the supervisor ends, and when
 * that is killed, the control socket ends; either way control_read notices.
 */
int init_run(int control, char **command, char **env)
{
	struct begin begin = { .control = control, .command = command, .env = env };
	struct init init = { .control = control, .signals = -1 };
	char ready = INIT_READY;
	sigset_t all;

	sigfillset(&all);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigprocmask(SIG_SETMASK, &all, &begin.mask);
	init.program = spawn(program_become, &begin);
	if (init.program > 0)
		init.signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (init.program < 0 || init.signals < 0) {
		message_keep("starting ", command[0], " in the container: ", text_error(errno),
			     NULL);
		ready = INIT_FAILED;
	}
	if (write(control, &ready, 1) != 1 || ready == INIT_FAILED)
		return message_print(RUN_FAILED);
	return program_wait(&init);
}

int init_main(char **words, char **env)
{
	unsigned long long control;

	if (!words[0] || text_number(words[0], INT_MAX, &control) || !words[1] || !words[2] ||
	    strcmp(words[2], "--") || !words[3]) {
		message_keep("berth-exec --init: wanted CONTROL-FD NAMES -- COMMAND...", NULL);
		return message_print(RUN_FAILED);
	}
	init_forget(env, words[1]);
	return init_run((int)control, words + 3, env);
}
