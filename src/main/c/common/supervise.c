#include "supervise.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"
#include "message.h"
#include "run.h"
#include "spawn.h"
#include "text.h"

struct supervisor {
	sigset_t handled;
	sigset_t mask; /* the caller's */
	int control;
	pid_t child;
};

/* Faults must stop us as they would anybody; stops are for the shell's job control. */
static const int not_handled[] = { SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT,
				   SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,  SIGTRAP, SIGSYS };

/*
 * Also those that our caller ignored: the program ignores them, or has a handler by now. What does
 * not come with a number from 1 to 64 does not exist on Linux.
 */
static void signals_choose(sigset_t *set)
{
	sigfillset(set);
	for (unsigned i = 0; i < sizeof not_handled / sizeof *not_handled; i++)
		sigdelset(set, not_handled[i]);
}

struct begin {
	const struct supervisor *supervisor;
	pid_t parent;
	supervise_start start;
	void *what;
	int control;
};

static int child_begin(void *what)
{
	const struct begin *begin = what;
	char failed = INIT_FAILED;
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != begin->parent)
		return RUN_FAILED;
	sigprocmask(SIG_SETMASK, &begin->supervisor->mask, NULL);
	status = begin->start(begin->what, begin->control);
	return send(begin->control, &failed, 1, MSG_NOSIGNAL) < 0 ? RUN_FAILED : status;
}

static pid_t child_start(struct begin *begin, int becomes)
{
	pid_t child;

	if (becomes)
		return spawn(child_begin, begin);
	child = fork();
	if (child)
		return child;
	close(begin->supervisor->control); /* its end has to be noticed here */
	_exit(child_begin(begin));
}

/* Every signal is handed on: the init knows which of them the whole group was sent. */
static int child_wait(const struct supervisor *supervisor)
{
	int status;

	for (;;) {
		int signal = sigwaitinfo(&supervisor->handled, NULL);

		if (signal == SIGCHLD) {
			if (waitpid(supervisor->child, &status, WNOHANG) == supervisor->child)
				return status;
		} else if (signal > 0) {
			unsigned char number = (unsigned char)signal;

			send(supervisor->control, &number, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		}
	}
}

static int status_explain(const struct supervisor *supervisor, int status, const char *name)
{
	char said = 0, number[TEXT_DECIMAL];

	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	if (recv(supervisor->control, &said, 1, MSG_DONTWAIT) == 1)
		return WEXITSTATUS(status);
	message_keep("starting the program through ", name, ": it ended with status ",
		     text_decimal(number, WEXITSTATUS(status)), " before the program was started",
		     NULL);
	return message_print(RUN_FAILED);
}

int supervise_run(supervise_start start, void *what, int becomes, const char *name)
{
	struct supervisor supervisor;
	struct begin begin = {
		.supervisor = &supervisor,
		.parent = getpid(),
		.start = start,
		.what = what,
	};
	int pair[2], status;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		message_keep("starting ", name, ": ", text_error(errno), NULL);
		return message_print(RUN_FAILED);
	}
	supervisor.control = pair[0];
	/* An ignored SIGCHLD would throw the exit status away. */
	signal(SIGCHLD, SIG_DFL);
	signals_choose(&supervisor.handled);
	sigprocmask(SIG_BLOCK, &supervisor.handled, &supervisor.mask);
	begin.control = pair[1];
	supervisor.child = child_start(&begin, becomes);
	close(pair[1]);
	if (supervisor.child < 0) {
		message_keep("starting ", name, ": ", text_error(errno), NULL);
		status = message_print(RUN_FAILED);
	} else {
		status = status_explain(&supervisor, child_wait(&supervisor), name);
	}
	close(pair[0]);
	return status;
}
