/*
 * Takes abilities from a program, as nodes do that are set up so: `deny LIST -- COMMAND...`, LIST of userns (new user
 * namespaces), ptrace, filter (new seccomp filters), comma separated. What is denied fails with EPERM, a filter with
 * EINVAL as from a kernel without them.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 64

static struct sock_filter code[MOST];
static unsigned short used;

static void add(struct sock_filter line)
{
	code[used++] = line;
}

static void load(size_t field)
{
	add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)field));
}

static void answer(unsigned action)
{
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

/* Fails a call with ERROR; with a MASK only when its first argument has a bit of it. */
static void deny(long call, unsigned mask, int error)
{
	load(offsetof(struct seccomp_data, nr));
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, mask ? 3 : 1));
	if (mask) {
		load(offsetof(struct seccomp_data, args));
		add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, mask, 0, 1));
	}
	answer(SECCOMP_RET_ERRNO | (unsigned)error);
}

static int has(const char *list, const char *word)
{
	const char *at = strstr(list, word);

	return at && (at == list || at[-1] == ',') && strchr(",", at[strlen(word)]);
}

int main(int count, char **argv)
{
	struct sock_fprog program = { .filter = code };

	if (count < 4 || strcmp(argv[2], "--"))
		return 2;
	if (has(argv[1], "userns")) {
		deny(SYS_unshare, CLONE_NEWUSER, EPERM);
		deny(SYS_clone, CLONE_NEWUSER, EPERM);
		/* Its flags lie in memory, where no filter looks; libraries then use clone. */
		deny(SYS_clone3, 0, ENOSYS);
	}
	if (has(argv[1], "ptrace"))
		deny(SYS_ptrace, 0, EPERM);
	if (has(argv[1], "filter"))
		deny(SYS_seccomp, 0, EINVAL);
	if (has(argv[1], "filter")) {
		load(offsetof(struct seccomp_data, nr));
		add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3));
		load(offsetof(struct seccomp_data, args));
		add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1));
		answer(SECCOMP_RET_ERRNO | EINVAL);
	}
	answer(SECCOMP_RET_ALLOW);
	program.len = used;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("deny");
		return 2;
	}
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 127;
}
