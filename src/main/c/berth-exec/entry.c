/*
 * The first instructions of berth-exec. `--init` and `--probe` run here, before libc is set up: under ptrace each
 * system call of libc's start costs tens of microseconds. Everything else goes on to libc's own _start.
 */
#include "entry.h"

#include <stddef.h>

#include "../common/init.h"
#include "../common/sys.h"
#include "../common/text.h"

int entry_special(char **argv, char **env)
{
	if (argv[0] && argv[1] && text_equal(argv[1], "--init"))
		return init_main(argv + 2, env);
	if (argv[0] && argv[1] && text_equal(argv[1], "--probe") && argv[2]) {
		size_t length = text_length(argv[2]);

		argv[2][length] = '\n'; /* one write; nobody reads the word again */
		sys_call(SYS_write, 1, sys_pointer(argv[2]), (long)length + 1, 0, 0);
		return ENTRY_PROBED;
	}
	return -1;
}

#if defined(__x86_64__) || defined(__aarch64__)
void entry_early(long *stack);

/* STACK as the kernel leaves it: argc, argv, NULL, environment, NULL (psABI, "process initialization"). */
void entry_early(long *stack)
{
	char **argv = (char **)(stack + 1);
	int status = entry_special(argv, argv + *stack + 1);

	if (status >= 0)
		sys_exit(status);
}
#endif

#if defined(__x86_64__)
__asm__(".text\n"
	".globl berth_entry\n"
	"berth_entry:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rbx\n"
	"	mov %rdx, %r12\n"
	"	mov %rsp, %rdi\n"
	"	call entry_early\n"
	"	mov %rbx, %rsp\n"
	"	mov %r12, %rdx\n"
	"	jmp _start\n");
#elif defined(__aarch64__)
__asm__(".text\n"
	".globl berth_entry\n"
	"berth_entry:\n"
	"	mov x29, #0\n"
	"	mov x19, x0\n"
	"	mov x0, sp\n"
	"	bl entry_early\n"
	"	mov x0, x19\n"
	"	b _start\n");
#endif
