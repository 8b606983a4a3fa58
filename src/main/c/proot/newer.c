/*
 * What PRoot does not know of Linux, added where the linker resolves its calls (--wrap):
 *  - clone3, by which glibc makes threads since 2.34. PRoot keeps of each process where its heap
 *    ends and which folder it is in. What came by clone3 it took for a fork, so a thread had a copy
 *    of its own, and the first one to call brk had the others' heap written over;
 *  - /proc/PID/ns/NAME: links to no path. PRoot took what they show for a file's name, so they were
 *    not there, and UCX held all nodes of one boot for one machine.
 * Source: PRoot 5.4.0; clone(2), ptrace(2), namespaces(7).
 */
#include "proot/newer.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#define EXIT_SIGNAL_AT 32 /* in the structure that clone3 takes; its flags are at 0 */

/* PRoot's answers of readlink_proc. */
enum { LINK_IS_PLAIN, LINK_WAS_READ, LINK_STAYS };

int __real_new_child(void *parent, unsigned long flags);
int __wrap_new_child(void *parent, unsigned long flags);
int __real_readlink_proc(const void *tracee, char *result, const char *base, const char *component,
			 int comparison);
int __wrap_readlink_proc(const void *tracee, char *result, const char *base, const char *component,
			 int comparison);

pid_t newer_stopped;

/* The system call that PID is in, and its first argument; 0, or -1. */
static int call_of(pid_t pid, unsigned long *number, unsigned long *argument)
{
	struct user_regs_struct registers;
	struct iovec all = { &registers, sizeof registers };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &all))
		return -1;
#if defined(__x86_64__)
	*number = registers.orig_rax;
	*argument = registers.rdi;
	return all.iov_len == sizeof registers ? 0 : -1; /* else it has 32 bits */
#elif defined(__aarch64__)
	*number = registers.regs[8];
	*argument = registers.regs[0];
	return all.iov_len == sizeof registers ? 0 : -1;
#else
	(void)number;
	(void)argument;
	return -1;
#endif
}

static int word_of(pid_t pid, unsigned long address, unsigned long *word)
{
	errno = 0;
	*word = (unsigned long)ptrace(PTRACE_PEEKDATA, pid, (void *)address, NULL);
	return errno ? -1 : 0;
}

/* As clone(2) has them: the signal is in the last byte. */
int __wrap_new_child(void *parent, unsigned long flags)
{
	unsigned long number, at, given, signal;

	if (!call_of(newer_stopped, &number, &at) && number == SYS_clone3 &&
	    !word_of(newer_stopped, at, &given) && !word_of(newer_stopped, at + EXIT_SIGNAL_AT, &signal))
		flags = given | (signal & 0xff);
	return __real_new_child(parent, flags);
}

/* Whether BASE is /proc/PID/ns or /proc/PID/task/TID/ns. */
static int is_namespaces(const char *base)
{
	unsigned pid, tid;
	int end = 0;

	if (sscanf(base, "/proc/%u/ns%n", &pid, &end) == 1 && end && !base[end])
		return 1;
	end = 0;
	return sscanf(base, "/proc/%u/task/%u/ns%n", &pid, &tid, &end) == 2 && end && !base[end];
}

int __wrap_readlink_proc(const void *tracee, char *result, const char *base, const char *component,
			 int comparison)
{
	if (!is_namespaces(base))
		return __real_readlink_proc(tracee, result, base, component, comparison);
	if (snprintf(result, PATH_MAX, "%s/%s", base, component) >= PATH_MAX)
		return -EPERM;
	return LINK_STAYS;
}
