#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "small.h"

/* The kernel's set of signals is the first word of libc's. */
#define SET_BYTES 8

struct kernel_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

void _exit(int status)
{
	for (;;)
		sys_call(SYS_exit_group, status, 0, 0, 0, 0);
}

pid_t fork(void)
{
	return (pid_t)small_call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

int execve(const char *path, char *const words[], char *const env[])
{
	return (int)small_call(SYS_execve, sys_pointer(path), sys_pointer(words), sys_pointer(env),
			       0, 0);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	return (pid_t)small_call(SYS_wait4, pid, sys_pointer(status), options, 0, 0);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	return (int)small_call(SYS_clock_gettime, clock, sys_pointer(now), 0, 0, 0);
}

pid_t getpid(void)
{
	return (pid_t)small_call(SYS_getpid, 0, 0, 0, 0, 0);
}

pid_t getppid(void)
{
	return (pid_t)small_call(SYS_getppid, 0, 0, 0, 0, 0);
}

uid_t geteuid(void)
{
	return (uid_t)small_call(SYS_geteuid, 0, 0, 0, 0, 0);
}

gid_t getegid(void)
{
	return (gid_t)small_call(SYS_getegid, 0, 0, 0, 0, 0);
}

int getgroups(int count, gid_t *groups)
{
	return (int)small_call(SYS_getgroups, count, sys_pointer(groups), 0, 0, 0);
}

mode_t umask(mode_t mask)
{
	return (mode_t)small_call(SYS_umask, mask, 0, 0, 0, 0);
}

int uname(struct utsname *name)
{
	return (int)small_call(SYS_uname, sys_pointer(name), 0, 0, 0, 0);
}

int prctl(int option, ...)
{
	va_list more;
	void *filter = NULL; /* the only pointer that is used here */
	int argument;

	va_start(more, option);
	argument = va_arg(more, int);
	if (option == PR_SET_SECCOMP)
		filter = va_arg(more, void *);
	va_end(more);
	return (int)small_call(SYS_prctl, option, argument, sys_pointer(filter), 0, 0);
}

int kill(pid_t pid, int number)
{
	return (int)small_call(SYS_kill, pid, number, 0, 0, 0);
}

int raise(int number)
{
	return kill(getpid(), number);
}

int sigemptyset(sigset_t *set)
{
	set->__val[0] = 0;
	return 0;
}

int sigfillset(sigset_t *set)
{
	set->__val[0] = ~0UL;
	return 0;
}

int sigaddset(sigset_t *set, int number)
{
	set->__val[0] |= 1UL << (number - 1);
	return 0;
}

int sigismember(const sigset_t *set, int number)
{
	return set->__val[0] >> (number - 1) & 1;
}

int sigdelset(sigset_t *set, int number)
{
	set->__val[0] &= ~(1UL << (number - 1));
	return 0;
}

/* Without handlers: only SIG_DFL and SIG_IGN are ever set here, which need no restorer. */
int sigaction(int number, const struct sigaction *restrict wanted, struct sigaction *restrict old)
{
	struct kernel_action set = { .handler = wanted ? wanted->sa_handler : SIG_DFL };
	struct kernel_action was;
	long result = small_call(SYS_rt_sigaction, number, wanted ? sys_pointer(&set) : 0,
				 sys_pointer(&was), SET_BYTES, 0);

	if (!result && old)
		old->sa_handler = was.handler;
	return (int)result;
}

__sighandler_t signal(int number, __sighandler_t handler)
{
	struct sigaction action = { .sa_handler = handler }, old;

	return sigaction(number, &action, &old) ? SIG_ERR : old.sa_handler;
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	return (int)small_call(SYS_rt_sigprocmask, how, sys_pointer(set), sys_pointer(old),
			       SET_BYTES, 0);
}

int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
	return (int)small_call(SYS_rt_sigtimedwait, sys_pointer(set), sys_pointer(info), 0,
			       SET_BYTES, 0);
}

int signalfd(int fd, const sigset_t *set, int flags)
{
	return (int)small_call(SYS_signalfd4, fd, sys_pointer(set), SET_BYTES, flags, 0);
}

int __libc_current_sigrtmax(void)
{
	return 64;
}

int socketpair(int domain, int type, int protocol, int pair[2])
{
	return (int)small_call(SYS_socketpair, domain, type, protocol, sys_pointer(pair), 0);
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
	return small_call(SYS_sendto, fd, sys_pointer(bytes), (long)size, flags, 0);
}

ssize_t recv(int fd, void *bytes, size_t size, int flags)
{
	return small_call(SYS_recvfrom, fd, sys_pointer(bytes), (long)size, flags, 0);
}

int unshare(int flags)
{
	return (int)small_call(SYS_unshare, flags, 0, 0, 0, 0);
}

int setns(int fd, int type)
{
	return (int)small_call(SYS_setns, fd, type, 0, 0, 0);
}

int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data)
{
	return (int)small_call(SYS_mount, sys_pointer(source), sys_pointer(target),
			       sys_pointer(type), (long)flags, sys_pointer(data));
}

int umount2(const char *target, int flags)
{
	return (int)small_call(SYS_umount2, sys_pointer(target), flags, 0, 0, 0);
}

int chdir(const char *path)
{
	return (int)small_call(SYS_chdir, sys_pointer(path), 0, 0, 0, 0);
}

int fchdir(int fd)
{
	return (int)small_call(SYS_fchdir, fd, 0, 0, 0, 0);
}

int chroot(const char *path)
{
	return (int)small_call(SYS_chroot, sys_pointer(path), 0, 0, 0, 0);
}
