#include "emulate.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "message.h"
#include "text.h"

/*
 * Package managers and tar give files away and become other users; here there is only one user to
 * be. PRoot's emulation answers what failed with EPERM, but in a user namespace it is EINVAL.
 */
static const unsigned answered[] = {
#ifdef SYS_chown
	SYS_chown,
	SYS_lchown,
#endif
	SYS_fchown,    SYS_fchownat,  SYS_setuid,    SYS_setgid,   SYS_setreuid, SYS_setregid,
	SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_setfsuid, SYS_setfsgid,
};

#define ANSWERED (sizeof answered / sizeof *answered)

/* The parts around those. */
#define LONGEST (ANSWERED + 18)

struct code {
	struct sock_filter part[LONGEST];
	unsigned short length;
};

/* Calls of another kind of processor have other numbers. */
#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#else
#error "which calls does this kind of processor have?"
#endif

static void code_add(struct code *code, unsigned short what, unsigned value)
{
	code->part[code->length++] = (struct sock_filter)BPF_STMT(what, value);
}

/* When it is VALUE the next part but SKIPPED, else that but OTHERWISE. */
static void code_jump(struct code *code, unsigned value, unsigned skipped, unsigned otherwise)
{
	code->part[code->length++] = (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, value, (unsigned char)skipped, (unsigned char)otherwise);
}

/* Only devices need root, and are answered; the kernel makes all else. The file's mode is argument INDEX of CALL. */
static void code_mknod(struct code *code, unsigned call, unsigned index)
{
	/* the lower half, on these little-endian processors */
	const unsigned mode = (unsigned)(offsetof(struct seccomp_data, args) + index * sizeof(__u64));

	code_jump(code, call, 0, 5);
	code_add(code, BPF_LD | BPF_W | BPF_ABS, mode);
	code_add(code, BPF_ALU | BPF_AND | BPF_K, S_IFMT);
	code_jump(code, S_IFCHR, 1, 0);
	code_jump(code, S_IFBLK, 0, 1);
	code_add(code, BPF_RET | BPF_K, SECCOMP_RET_ERRNO);
}

/* With ids of other users the kernel itself gives files away and makes the caller somebody else. */
static void code_write(struct code *code, int has_ids)
{
	code->length = 0;
	code_add(code, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	code_jump(code, MACHINE, 1, 0);
	code_add(code, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code_add(code, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	if (!has_ids) {
		for (unsigned i = 0; i < ANSWERED; i++)
			code_jump(code, answered[i], ANSWERED - 1 - i, i + 1 == ANSWERED);
		code_add(code, BPF_RET | BPF_K, SECCOMP_RET_ERRNO);
	}
#ifdef SYS_mknod
	code_mknod(code, SYS_mknod, 1);
#endif
	code_mknod(code, SYS_mknodat, 2);
	code_add(code, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

/*
 * Who may not administer a namespace has to give setuid programs up for a filter. Who has ids of other users may, and
 * keeps them.
 */
int emulate_root(const struct plan *plan)
{
	struct code code;
	struct sock_fprog program = { .filter = code.part };
	int has_ids = plan->first[PLAN_SUBIDS] || plan->first[PLAN_BECOME];

	if (!plan->first[PLAN_EMULATE])
		return 0;
	code_write(&code, has_ids);
	program.len = code.length;
	if ((!has_ids && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return message_keep("answering root's calls: ", text_error(errno), NULL);
	return 0;
}
