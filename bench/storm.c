/*
 * storm KIND ...: what programs ask of the kernel, again and again; prints how many nanoseconds it took. The start of storm
 * itself is not in it, so it is the engine's toll alone that shows.
 *   stat COUNT FILE...     open COUNT FILE...     fork COUNT PROGRAM     loop COUNT     read MEGABYTES
 *   time PROGRAM ARG...    one run of another program
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MEGABYTE (1 << 20)

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int stats(long count, char **files, int number)
{
	struct stat file;

	for (long i = 0; i < count; i++)
		if (stat(files[i % number], &file))
			return 1;
	return 0;
}

static int opens(long count, char **files, int number)
{
	for (long i = 0; i < count; i++) {
		int fd = open(files[i % number], O_RDONLY);

		if (fd < 0)
			return 1;
		close(fd);
	}
	return 0;
}

static int forks(long count, char **words)
{
	int status;

	for (long i = 0; i < count; i++) {
		pid_t child = fork();

		if (!child) {
			execvp(words[0], words);
			_exit(127);
		}
		if (waitpid(child, &status, 0) < 0 || status)
			return 1;
	}
	return 0;
}

static int loop(long count)
{
	volatile unsigned value = 1;

	for (long i = 0; i < count; i++)
		value = value * 1664525 + 1013904223;
	return value == 0;
}

/* What ranks of one node do to each other's memory. The child holds it. */
static int reads(long megabytes, long long *begin)
{
	char *block = malloc(MEGABYTE), *far = malloc(MEGABYTE);
	struct iovec here = { block, MEGABYTE }, there = { far, MEGABYTE };
	int status = 0;
	pid_t child;

	memset(far, 1, MEGABYTE);
	memset(block, 0, MEGABYTE);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	*begin = now();
	for (long i = 0; i < megabytes; i++)
		status |= process_vm_readv(child, &here, 1, &there, 1, 0) != MEGABYTE;
	kill(child, SIGKILL);
	return status || block[MEGABYTE - 1] != 1;
}

int main(int count, char **words)
{
	const char *kind = count > 2 ? words[1] : "";
	long number = count > 2 ? atol(words[2]) : 0;
	long long begin = now(), end;
	int failed = 2;

	if (!strcmp(kind, "stat") && count > 3)
		failed = stats(number, words + 3, count - 3);
	else if (!strcmp(kind, "open") && count > 3)
		failed = opens(number, words + 3, count - 3);
	else if (!strcmp(kind, "fork") && count > 3)
		failed = forks(number, words + 3);
	else if (!strcmp(kind, "loop"))
		failed = loop(number);
	else if (!strcmp(kind, "read"))
		failed = reads(number, &begin);
	else if (!strcmp(kind, "time"))
		failed = forks(1, words + 2);
	end = now();
	if (failed)
		return failed;
	printf("%lld\n", end - begin);
	return 0;
}
