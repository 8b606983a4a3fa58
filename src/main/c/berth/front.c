#include "front.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/message.h"
#include "../common/plan.h"
#include "../common/run.h"
#include "../common/spawn.h"
#include "../common/text.h"
#include "jvm.h"

/* A plan of the greatest size, one byte more to notice a greater one, and a NUL. */
#define ANSWER_ROOM (PLAN_MAX_BYTES + 2)

struct run {
	pid_t child;
	int status; /* of waitpid */
	int ended;
	int signals;
	int pipe;
	int taken; /* a signal that would have ended us */
	sigset_t mask;
	struct sigaction chld;
	struct front_answer *answer;
};

static const int handled[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2 };

static int fail(const char *what, int error)
{
	message_keep("starting Java: ", what, text_error(error), NULL);
	return message_print(RUN_FAILED);
}

/*
 * Signals are blocked and read as data. What was ignored stays ignored; SIGCHLD must not be, or no
 * status comes.
 */
static int signals_take(struct run *run)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, action;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
		if (!sigaction(handled[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&set, handled[i]);
	sigaction(SIGCHLD, &usual, &run->chld);
	sigprocmask(SIG_BLOCK, &set, &run->mask);
	run->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return run->signals < 0 ? -1 : 0;
}

static void signals_restore(struct run *run)
{
	if (run->signals >= 0)
		close(run->signals);
	sigaction(SIGCHLD, &run->chld, NULL);
	sigprocmask(SIG_SETMASK, &run->mask, NULL);
}

struct begin {
	const struct run *run;
	pid_t parent;
	char **words;
	char **env;
	int quiet;
};

static int child_become(void *what)
{
	const struct begin *begin = what;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != begin->parent)
		return RUN_FAILED;
	if (begin->quiet) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, 0);
		dup2(null, 1);
	}
	sigprocmask(SIG_SETMASK, &begin->run->mask, NULL);
	execve(begin->words[0], begin->words, begin->env);
	return fail("", errno);
}

/*
 * The JVM has what a terminal or the kernel sent (to the group); what a process sent may have come
 * to us alone.
 */
static void signals_pass(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD) {
			run->ended |= waitpid(run->child, &run->status, WNOHANG) == run->child;
			continue;
		}
		run->taken = (int)info.ssi_signo;
		if (info.ssi_code <= 0 && !run->ended)
			kill(run->child, run->taken);
	}
}

/* Takes what is there; 0 at the end of the answer. */
static int answer_read(struct run *run)
{
	struct front_answer *answer = run->answer;
	char beyond[4096];

	for (;;) {
		size_t room = ANSWER_ROOM - 1 - answer->size;
		ssize_t bytes;

		if (!answer->text && !(answer->text = malloc(ANSWER_ROOM)))
			room = 0;
		bytes = room ? read(run->pipe, answer->text + answer->size, room)
			     : read(run->pipe, beyond, sizeof beyond);
		if (bytes < 0 && errno == EINTR)
			continue;
		if (bytes <= 0)
			return bytes < 0 && errno == EAGAIN;
		if (room)
			answer->size += (size_t)bytes;
	}
}

/*
 * The pipe's end is not waited for once Java has ended: a child of it may hold the other side
 * open.
 */
static void child_wait(struct run *run)
{
	struct pollfd event[2] = {
		{ .fd = run->signals, .events = POLLIN },
		{ .fd = run->pipe, .events = POLLIN },
	};

	while (!run->ended) {
		if (poll(event, 2, -1) < 0 && errno != EINTR)
			break;
		if (event[1].fd >= 0 && event[1].revents && !answer_read(run))
			event[1].fd = -1;
		signals_pass(run);
	}
	answer_read(run);
}

static int child_run(struct run *run, const int pair[2], char **words, char **env, int quiet)
{
	struct begin begin = {
		.run = run,
		.parent = getpid(),
		.words = words,
		.env = env,
		.quiet = quiet,
	};

	run->child = spawn(child_become, &begin);
	close(pair[1]);
	if (run->child < 0)
		return fail("", errno);
	child_wait(run);
	return WIFSIGNALED(run->status) ? 128 + WTERMSIG(run->status) : WEXITSTATUS(run->status);
}

int front_run(const struct front *front, char **args, int quiet, struct front_answer *answer)
{
	struct run run = { .answer = answer, .signals = -1 };
	int much = front->much || jvm_does_much(args);
	char **words = jvm_words(front->root, args, much), **env;
	int pair[2], status;

	*answer = (struct front_answer){ .text = NULL };
	if (!words)
		return message_print(RUN_FAILED);
	if (pipe2(pair, O_CLOEXEC))
		return fail("", errno);
	run.pipe = pair[0];
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	fcntl(pair[1], F_SETFD, 0);
	env = jvm_env(front->root, front->name, pair[1], much, front->env, front->hidden);
	if (!env)
		return message_print(RUN_FAILED);
	if (signals_take(&run))
		status = fail("", errno);
	else
		status = child_run(&run, pair, words, env, quiet);
	signals_restore(&run);
	close(pair[0]);
	/* Java's clean-up after a signal cannot tell which one it was. */
	if (status > 128 && run.taken)
		status = 128 + run.taken;
	/*
	 * Java may have been done already when the signal came: then it is meant for the program.
	 */
	if (status == 0 && answer->size && run.taken)
		raise(run.taken);
	return status;
}
