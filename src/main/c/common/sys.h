/* System calls without libc: usable before libc is set up (entry.c), result is a value or -errno. */
#ifndef BERTH_SYS_H
#define BERTH_SYS_H

#include <sys/syscall.h>

/* Numbers that older headers lack; the same on every architecture. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

#if defined(__x86_64__)
static inline long sys_call(long number, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
static inline long sys_call(long number, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory");
	return x0;
}
#else
#include <errno.h>
#include <unistd.h>
static inline long sys_call(long number, long a, long b, long c, long d, long e)
{
	long result = syscall(number, a, b, c, d, e);

	return result < 0 ? -(long)errno : result;
}
#endif

static inline long sys_pointer(const void *pointer)
{
	return (long)pointer;
}

static inline void sys_exit(int status)
{
	for (;;)
		sys_call(SYS_exit_group, status, 0, 0, 0, 0);
}

#endif
