/*
 * What PRoot lacks as the engine of a batch job, added where the linker resolves its calls
 * (--wrap): no line of PRoot is changed. Works when its command is MARKER NAMES COMMAND...:
 *  - becomes COMMAND as berth-exec does elsewhere: 126 and 127 with the same messages, and without
 *    the variables of the comma list NAMES;
 *  - ends with the status of COMMAND, 128+n after a signal, not with that of the last process;
 *  - hands signals on, once, where PRoot ignores them;
 *  - takes all processes with it when it is killed.
 * With any other command PRoot is as it was, but for newer.c. Source: PRoot 5.4.0.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/handon.h"
#include "common/init.h"
#include "common/message.h"
#include "common/run.h"
#include "common/text.h"
#include "proot/newer.h"

#define MARKER "/.berth-start"
#define REPORTED_STOP(status) ((status) >> 16 == 0 && WSTOPSIG(status) != (SIGTRAP | 0x80))

const char *get_root(const void *tracee); /* PRoot's */
int __real_which(void *tracee, const char *paths, char *host_path, const char *command);
int __wrap_which(void *tracee, const char *paths, char *host_path, const char *command);
int __real_execvp(const char *file, char *const *words);
int __wrap_execvp(const char *file, char *const *words);
int __real_event_loop(void);
int __wrap_event_loop(void);
pid_t __real_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);
int __real_sigaction(int signal, const struct sigaction *action, struct sigaction *old);
int __wrap_sigaction(int signal, const struct sigaction *action, struct sigaction *old);
long __real_ptrace(long request, pid_t pid, void *address, void *data);
long __wrap_ptrace(long request, pid_t pid, void *address, void *data);
void __real_exit(int status) __attribute__((noreturn));
void __wrap_exit(int status) __attribute__((noreturn));

static int batch;   /* our marker was seen */
static int looping; /* PRoot has set everything up */
static pid_t tracer;
static pid_t program;
static int stopped; /* the program was under control: what it ends with is its own */
static int program_status = RUN_FAILED;
static struct handon handon;
static int sent[HANDON_SIGNALS];
static timer_t timer;

static void timer_arm(void)
{
	int wait = handon_wait(&handon, handon_now());
	struct itimerspec at = { 0 };

	if (wait < 0)
		return;
	at.it_value.tv_sec = wait / 1000;
	at.it_value.tv_nsec = wait % 1000 * 1000000L + 1;
	timer_settime(timer, 0, &at, NULL);
}

/* All signals are blocked here, and around the other use of HANDON. */
static void signal_arrived(int signal, siginfo_t *info, void *context)
{
	int saved = errno, number;

	(void)context;
	if (signal == SIGABRT && info->si_pid == getpid()) {
		struct sigaction plain = { .sa_handler = SIG_DFL };

		__real_sigaction(SIGABRT, &plain, NULL);
	} else if (signal == SIGALRM && info->si_code == SI_TIMER) {
		while ((number = handon_next(&handon, handon_now()))) {
			sent[number]++;
			kill(program, number);
		}
	} else {
		handon_asked(&handon, signal, handon_now());
	}
	timer_arm();
	errno = saved;
}

/* Before PRoot looks at its words: from there on its failures are not the command's. */
__attribute__((constructor)) static void marker_find(int count, char **words)
{
	tracer = getpid();
	for (int i = 1; i < count && !batch; i++)
		batch = !strcmp(words[i], MARKER);
}

int __wrap_which(void *tracee, const char *paths, char *host_path, const char *command)
{
	if (!batch || strcmp(command, MARKER))
		return __real_which(tracee, paths, host_path, command);
	strcpy(host_path, get_root(tracee)); /* some path that is inside */
	return 0;
}

int __wrap_execvp(const char *file, char *const *words)
{
	if (!batch)
		return __real_execvp(file, words);
	if (!words[1] || !words[2])
		_exit(RUN_FAILED);
	init_forget(environ, words[1]);
	_exit(message_print(run_program(words + 2, environ)));
}

/* Those that stop or resume are for the shell's job control; faults are PRoot's own. */
static int is_handed_on(int signal)
{
	switch (signal) {
	case SIGILL:
	case SIGFPE:
	case SIGSEGV:
	case SIGBUS:
	case SIGSYS:
	case SIGTRAP:
		return 0;
	default:
		return 1;
	}
}

/* PRoot chooses here what becomes of each signal, job control left out. */
int __wrap_sigaction(int signal, const struct sigaction *action, struct sigaction *old)
{
	struct sigaction ours;

	if (!batch || !looping || !action || !is_handed_on(signal))
		return __real_sigaction(signal, action, old);
	ours = *action;
	ours.sa_flags = SA_SIGINFO | SA_RESTART;
	ours.sa_sigaction = signal_arrived;
	return __real_sigaction(signal, &ours, old);
}

long __wrap_ptrace(long request, pid_t pid, void *address, void *data)
{
	/* Without its tracer the child would go on, and on the host. */
	if (batch && request == PTRACE_TRACEME &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != tracer))
		_exit(RUN_FAILED);
	if (batch && request == PTRACE_SETOPTIONS)
		data = (void *)((unsigned long)data | PTRACE_O_EXITKILL);
	return __real_ptrace(request, pid, address, data);
}

static void signal_seen(pid_t pid, int signal)
{
	sigset_t all, before;

	if (signal < 1 || signal >= HANDON_SIGNALS)
		return;
	/* another process' own business, unless the thread is one of the program's */
	if (pid != program && syscall(SYS_tgkill, program, pid, 0))
		return;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (sent[signal])
		sent[signal]--;
	else
		handon_seen(&handon, signal, handon_now());
	sigprocmask(SIG_SETMASK, &before, NULL);
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	pid_t found = __real_waitpid(pid, status, options);

	if (found > 0)
		newer_stopped = found;
	if (!batch || !looping || found <= 0)
		return found;
	if (!program)
		program = found;
	if (WIFSTOPPED(*status)) {
		if (stopped && REPORTED_STOP(*status))
			signal_seen(found, WSTOPSIG(*status));
		stopped = 1;
	} else if (found == program && stopped) {
		program_status = WIFSIGNALED(*status) ? 128 + WTERMSIG(*status) : WEXITSTATUS(*status);
	}
	return found;
}

int __wrap_event_loop(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	sigset_t none;

	if (!batch)
		return __real_event_loop();
	looping = 1;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL); /* the program keeps the caller's */
	if (timer_create(CLOCK_MONOTONIC, &event, &timer)) {
		message_keep("starting PRoot: making a timer: ", text_error(errno), NULL);
		return message_print(RUN_FAILED);
	}
	__real_event_loop(); /* says how the last process ended, not the program */
	if (!stopped) {
		message_keep("starting PRoot: it may not trace the program", NULL);
		message_hint("use another mode; 'berth node probe' says which work here", NULL);
		return message_print(RUN_FAILED);
	}
	return program_status;
}

/* PRoot has said why on standard error. */
void __wrap_exit(int status)
{
	__real_exit(batch && !looping && status ? RUN_FAILED : status);
}
