#include "emulate.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
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
	SYS_mknod,
#endif
	SYS_fchown,    SYS_fchownat,  SYS_mknodat,   SYS_setuid,    SYS_setgid,   SYS_setreuid,
	SYS_setregid,  SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_setfsuid, SYS_setfsgid,
};

#define ANSWERED (sizeof answered / sizeof *answered)

/* Calls of another kind of processor have other numbers. */
#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#else
#error "which calls does this kind of processor have?"
#endif

int emulate_root(const struct plan *plan)
{
	struct sock_filter code[ANSWERED + 5] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 0, ANSWERED + 1),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { .len = ANSWERED + 5, .filter = code };

	if (!plan->first[PLAN_EMULATE])
		return 0;
	for (size_t i = 0; i < ANSWERED; i++)
		code[3 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, answered[i],
							   (unsigned char)(ANSWERED - i), 0);
	code[3 + ANSWERED] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[4 + ANSWERED] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return message_keep("answering root's calls: ", text_error(errno), NULL);
	return 0;
}
