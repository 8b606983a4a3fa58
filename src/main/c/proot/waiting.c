/*
 * Lets programs that only ask again and again make room, added where the linker resolves PRoot's
 * calls (--wrap). Where each system call stops the program (P2), it and its PRoot wake each other
 * without end. Linux was seen to give such pairs the processors and others next to nothing when each
 * rank is a scheduling group of its own, as sessions are with autogroup (hydra makes one a rank);
 * what they wait for then hardly runs.
 * So once nothing but questions came for PATIENCE, PRoot sleeps between two of them, for about a
 * share of what the wait took so far.
 * Source: PRoot 5.4.0; sched(7), epoll_wait(2).
 */
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

#define MILLISECOND 1000000L
#define PATIENCE (2 * MILLISECOND)
#define SHARE 32
#define LONGEST_NAP MILLISECOND

/* PRoot's names of registers, and of those at the start of a call. */
enum { NUMBER = 0, THIRD = 3, FOURTH = 4 };
enum { AT_START = 1 };

uintptr_t peek_reg(const void *tracee, int version, int which); /* PRoot's */
void __real_translate_syscall_exit(void *tracee);
void __wrap_translate_syscall_exit(void *tracee);

static int64_t waiting_since; /* 0: something else was done last */

static int64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 * MILLISECOND + now.tv_nsec;
}

/*
 * Whether the call that TRACEE comes back from asked without waiting. What it heard does not matter:
 * UCX has a set that is always ready beside an empty one, and to use an answer takes another call.
 */
static int is_question(const void *tracee)
{
	switch (peek_reg(tracee, AT_START, NUMBER)) {
	case SYS_sched_yield:
		return 1;
#ifdef SYS_poll
	case SYS_poll:
		return !(int)peek_reg(tracee, AT_START, THIRD);
	case SYS_epoll_wait:
#endif
	case SYS_epoll_pwait:
		return !(int)peek_reg(tracee, AT_START, FOURTH);
	default:
		return 0;
	}
}

static void make_room(void)
{
	struct timespec nap = { 0 };
	int64_t now = clock_now();

	if (!waiting_since)
		waiting_since = now;
	if (now - waiting_since < PATIENCE)
		return;
	nap.tv_nsec = (now - waiting_since) / SHARE;
	if (nap.tv_nsec > LONGEST_NAP)
		nap.tv_nsec = LONGEST_NAP;
	nanosleep(&nap, NULL);
}

void __wrap_translate_syscall_exit(void *tracee)
{
	if (is_question(tracee))
		make_room();
	else
		waiting_since = 0;
	__real_translate_syscall_exit(tracee);
}
