/* The first instructions of a program (psABI, "process initialization"). */
#include <sched.h>
#include <unistd.h>

#include "small.h"

char **environ;

static int error;

int main(int count, char **argv, char **env);
void small_start(long *stack) __attribute__((noreturn));

int *__errno_location(void)
{
	return &error;
}

/* STACK as the kernel leaves it: argc, argv, NULL, environment, NULL. */
void small_start(long *stack)
{
	char **argv = (char **)(stack + 1);

	environ = argv + *stack + 1;
	_exit(main((int)*stack, argv, environ));
}

#if defined(__x86_64__)
__asm__(".text\n"
	".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call small_start\n");
#elif defined(__aarch64__)
__asm__(".text\n"
	".globl _start\n"
	"_start:\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	mov x0, sp\n"
	"	b small_start\n");
#else
#error "use the system's libc: make LIBC=system"
#endif

/* A child on STACK that runs BEGIN(WHAT) and ends with what that returns; its pid, or -errno. */
long small_clone(int (*begin)(void *), void *stack, long flags, void *what);

#if defined(__x86_64__)
__asm__(".text\n"
	".globl small_clone\n"
	"small_clone:\n"
	"	sub $16, %rsi\n"
	"	mov %rdi, (%rsi)\n"
	"	mov %rcx, 8(%rsi)\n"
	"	mov %rdx, %rdi\n"
	"	xor %edx, %edx\n"
	"	xor %r10d, %r10d\n"
	"	xor %r8d, %r8d\n"
	"	mov $56, %eax\n" /* clone */
	"	syscall\n"
	"	test %rax, %rax\n"
	"	jz 1f\n"
	"	ret\n"
	"1:	xor %ebp, %ebp\n"
	"	pop %rax\n"
	"	pop %rdi\n"
	"	call *%rax\n"
	"	mov %eax, %edi\n"
	"	mov $231, %eax\n" /* exit_group */
	"	syscall\n");
#elif defined(__aarch64__)
__asm__(".text\n"
	".globl small_clone\n"
	"small_clone:\n"
	"	stp x0, x3, [x1, #-16]!\n"
	"	mov x0, x2\n"
	"	mov x2, #0\n"
	"	mov x3, #0\n"
	"	mov x4, #0\n"
	"	mov x8, #220\n" /* clone */
	"	svc #0\n"
	"	cbz x0, 1f\n"
	"	ret\n"
	"1:	mov x29, #0\n"
	"	ldp x1, x0, [sp], #16\n"
	"	blr x1\n"
	"	mov x8, #94\n" /* exit_group */
	"	svc #0\n");
#endif

int clone(int (*begin)(void *), void *stack, int flags, void *what, ...)
{
	long result = small_clone(begin, stack, flags, what);

	if (result >= 0)
		return (int)result;
	errno = (int)-result;
	return -1;
}
