#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/time_types.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "handon.h"
#include "message.h"
#include "run.h"
#include "sys.h"
#include "text.h"

/* The kernel's signal set, which is smaller than libc's. */
#define SIGNAL_SET_BYTES 8

struct init {
	long program;
	int signals;
	int control;
	int ended;     /* the program has */
	int childless; /* no orphan is left either */
	int status;
};

static struct handon handon;

static long long clock_now(void)
{
	struct __kernel_timespec now;

	sys_call(SYS_clock_gettime, CLOCK_MONOTONIC, sys_pointer(&now), 0, 0, 0);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}

void init_forget(char **env, const char *names)
{
	char **kept = env;

	if (text_equal(names, "-"))
		return;
	for (; *env; env++) {
		int dropped = 0;

		for (const char *at = names; *at && !dropped; at += *at == ',') {
			const char *byte = *env;

			while (*at && *at != ',' && *byte == *at) {
				byte++;
				at++;
			}
			dropped = *byte == '=' && (*at == ',' || !*at);
			while (*at && *at != ',')
				at++;
		}
		if (!dropped)
			*kept++ = *env;
	}
	*kept = NULL;
}

static void program_become(int control, const unsigned long *mask, char **command, char **env)
{
	int status;

	sys_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sys_call(SYS_close, control, 0, 0, 0, 0);
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, sys_pointer(mask), 0, SIGNAL_SET_BYTES, 0);
	status = run_program(command, env);
	sys_exit(message_print(status));
}

static void children_reap(struct init *init)
{
	int status;

	for (;;) {
		long child = sys_call(SYS_wait4, -1, sys_pointer(&status), WNOHANG, 0, 0);

		init->childless = child == -ECHILD;
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
	long bytes = sys_call(SYS_read, init->signals, sys_pointer(info), sizeof info, 0, 0);

	for (long i = 0; i < bytes / (long)sizeof *info; i++) {
		if (info[i].ssi_signo == SIGCHLD)
			children_reap(init);
		else
			handon_seen(&handon, (int)info[i].ssi_signo, clock_now());
	}
}

/* 0 when the supervisor is gone. */
static int control_read(struct init *init)
{
	unsigned char asked[16];
	long bytes = sys_call(SYS_read, init->control, sys_pointer(asked), sizeof asked, 0, 0);

	for (long i = 0; i < bytes; i++)
		handon_asked(&handon, asked[i], clock_now());
	return bytes > 0 || bytes == -EINTR || bytes == -EAGAIN;
}

static void signals_send(struct init *init)
{
	int signal;

	if (handon_wait(&handon, 0) < 0)
		return; /* the usual case, without asking for the time */
	while ((signal = handon_next(&handon, clock_now())))
		sys_call(SYS_kill, init->program, signal, 0, 0, 0);
}

/* Kills the children that are left; 0 when they cannot be listed. */
static int orphans_kill(void)
{
	char path[32 + TEXT_DECIMAL + 16] = "/proc/self/task/";
	char list[512], number[TEXT_DECIMAL];
	size_t end = text_length(path);
	const char *part = text_decimal(number, sys_call(SYS_getpid, 0, 0, 0, 0, 0));
	unsigned long pid = 0;
	long fd, bytes;

	while (*part)
		path[end++] = *part++;
	for (part = "/children"; *part; part++)
		path[end++] = *part;
	path[end] = 0;
	fd = sys_call(SYS_openat, AT_FDCWD, sys_pointer(path), O_RDONLY | O_CLOEXEC, 0, 0);
	if (fd < 0)
		return 0;
	while ((bytes = sys_call(SYS_read, fd, sys_pointer(list), sizeof list, 0, 0)) > 0) {
		for (long i = 0; i < bytes; i++) {
			if (list[i] >= '0' && list[i] <= '9') {
				pid = pid * 10 + (unsigned long)(list[i] - '0');
			} else if (pid) {
				sys_call(SYS_kill, (long)pid, SIGKILL, 0, 0, 0);
				pid = 0;
			}
		}
	}
	sys_call(SYS_close, fd, 0, 0, 0, 0);
	return 1;
}

/* The dead ones' own children arrive here in turn, therefore until none is left. */
static void orphans_end(void)
{
	while (sys_call(SYS_wait4, -1, 0, WNOHANG, 0, 0) >= 0) {
		if (!orphans_kill())
			return;
		sys_call(SYS_wait4, -1, 0, 0, 0, 0);
	}
}

static int program_wait(struct init *init)
{
	struct pollfd event[2] = {
		{ .fd = init->signals, .events = POLLIN },
		{ .fd = init->control, .events = POLLIN },
	};

	while (!init->ended) {
		struct __kernel_timespec pause;
		int wait = handon_wait(&handon, 0);

		if (wait >= 0)
			wait = handon_wait(&handon, clock_now());
		pause.tv_sec = wait / 1000;
		pause.tv_nsec = wait % 1000 * 1000000LL;
		event[0].revents = event[1].revents = 0;
		sys_call(SYS_ppoll, sys_pointer(event), 2, wait < 0 ? 0 : sys_pointer(&pause), 0,
			 SIGNAL_SET_BYTES);
		if (event[0].revents)
			signals_read(init);
		if (event[1].revents && !control_read(init)) {
			sys_call(SYS_kill, init->program, SIGKILL, 0, 0, 0);
			event[1].fd = -1;
		}
		if (!init->ended)
			signals_send(init);
	}
	if (!init->childless)
		orphans_end();
	return init->status;
}

int init_run(int control, char **command, char **env)
{
	struct init init = { .control = control, .signals = -1 };
	unsigned long all = ~0UL, mask = 0;
	char ready = INIT_READY;

	sys_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sys_call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, sys_pointer(&all), sys_pointer(&mask),
		 SIGNAL_SET_BYTES, 0);
	init.program = sys_call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (init.program == 0)
		program_become(control, &mask, command, env);
	if (init.program > 0)
		init.signals = (int)sys_call(SYS_signalfd4, -1, sys_pointer(&all), SIGNAL_SET_BYTES,
					     SFD_CLOEXEC | SFD_NONBLOCK, 0);
	if (init.program < 0 || init.signals < 0) {
		message_keep("starting ", command[0], " in the container: ",
			     text_error((int)-(init.program < 0 ? init.program : init.signals)),
			     NULL);
		ready = INIT_FAILED;
	}
	sys_call(SYS_write, control, sys_pointer(&ready), 1, 0, 0);
	if (ready == INIT_FAILED)
		return message_print(RUN_FAILED);
	return program_wait(&init);
}

int init_main(char **words, char **env)
{
	unsigned long long control;

	if (!words[0] || text_number(words[0], 1 << 20, &control) || !words[1] || !words[2] ||
	    !text_equal(words[2], "--") || !words[3]) {
		message_keep("berth-exec --init: wanted CONTROL-FD NAMES -- COMMAND...", NULL);
		return message_print(RUN_FAILED);
	}
	init_forget(env, words[1]);
	return init_run((int)control, words + 3, env);
}
