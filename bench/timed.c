/*
 * timed COMMAND ARG...: runs it once and writes to descriptor 3: wall time in ns, user and system time
 * in us, peak RSS in KiB, exit status. Python cannot do this itself: until a child execs it is a copy
 * of its parent, whose size then counts as the child's peak.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long micros(struct timeval time)
{
	return time.tv_sec * 1000000LL + time.tv_usec;
}

int main(int count, char **argv)
{
	struct rusage usage;
	long long begin;
	int status;
	pid_t child;

	if (count < 2 || fcntl(3, F_SETFD, FD_CLOEXEC))
		return 2;
	begin = now();
	child = vfork();
	if (!child) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) < 0)
		return 2;
	dprintf(3, "%lld %lld %lld %ld %d\n", now() - begin, micros(usage.ru_utime),
		micros(usage.ru_stime), usage.ru_maxrss,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
