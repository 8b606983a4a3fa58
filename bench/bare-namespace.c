/*
 * bare-namespace TREE PROGRAM ARG...: the least that starts a program in a tree without privileges, as a
 * yardstick for berth-exec: user and mount namespace, private mounts, the tree with /proc /sys /dev as /.
 * No plan, no checks, no environment policy, no joining.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd);
}

static int map(const char *file, unsigned id)
{
	char line[64];

	snprintf(line, sizeof line, "%u %u 1", id, id);
	return put(file, line);
}

static int become_root(const char *tree)
{
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount(tree, tree, NULL, MS_BIND, NULL) ||
	       chdir(tree) || mount("/proc", "proc", NULL, MS_BIND | MS_REC, NULL) ||
	       mount("/sys", "sys", NULL, MS_BIND | MS_REC, NULL) ||
	       mount("/dev", "dev", NULL, MS_BIND | MS_REC, NULL) || syscall(SYS_pivot_root, ".", ".") ||
	       umount2(".", MNT_DETACH);
}

int main(int count, char **argv, char **env)
{
	unsigned uid = geteuid(), gid = getegid();

	if (count < 3 || unshare(CLONE_NEWUSER | CLONE_NEWNS) || put("/proc/self/setgroups", "deny") ||
	    map("/proc/self/uid_map", uid) || map("/proc/self/gid_map", gid) || become_root(argv[1])) {
		perror("bare-namespace");
		return 125;
	}
	execve(argv[2], argv + 2, env);
	perror(argv[2]);
	return 127;
}
