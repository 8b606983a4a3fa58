/*
 * What the tests of modes F run inside: it starts programs in every way that libc has, and says
 * where it is. /etc/name is in the tree alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STORM_THREADS 8

extern char **environ;

static char *const none[] = { NULL };

static int say(const char *more)
{
	char text[64] = "";
	int fd = open("/etc/name", O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	printf("%.*s%s%s\n", length > 0 ? (int)strcspn(text, "\n") : 9, length > 0 ? text : "elsewhere",
	       more ? " " : "", more ? more : "");
	return length > 0 ? 0 : 1;
}

static int failed(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 99;
}

static int wait_for(pid_t pid)
{
	int status = 0;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

static int by_vfork(char **words)
{
	pid_t pid = vfork();

	if (!pid) {
		execve(words[0], words, none);
		_exit(97);
	}
	return wait_for(pid);
}

static int by_spawn(char **words, int search)
{
	pid_t pid;
	int error = (search ? posix_spawnp : posix_spawn)(&pid, words[0], NULL, NULL, words, none);

	if (error) {
		errno = error;
		return failed("spawn");
	}
	return wait_for(pid);
}

static void *storm_thread(void *what)
{
	char **words = what;
	long bad = 0;

	for (int i = 0; i < 25; i++) {
		char *block = malloc(1000);

		bad += by_vfork(words) != 0;
		free(block);
	}
	return (void *)bad;
}

static int storm(char **words)
{
	pthread_t threads[STORM_THREADS];
	long bad = 0;

	for (int i = 0; i < STORM_THREADS; i++)
		pthread_create(&threads[i], NULL, storm_thread, words);
	for (int i = 0; i < STORM_THREADS; i++) {
		void *result;

		pthread_join(threads[i], &result);
		bad += (long)result;
	}
	printf("%ld of %d failed\n", bad, STORM_THREADS * 25);
	return bad != 0;
}

static int from_memory(char **words)
{
	int from = open(words[0], O_RDONLY), to = memfd_create("program", 0);
	char block[65536];
	ssize_t bytes;

	while ((bytes = read(from, block, sizeof block)) > 0)
		if (write(to, block, (size_t)bytes) != bytes)
			return failed("write");
	fexecve(to, words, environ);
	return failed("fexecve");
}

static int environ_say(void)
{
	for (char **env = environ; *env; env++)
		puts(*env);
	return 0;
}

int main(int count, char **words)
{
	const char *how = count > 1 ? words[1] : "";
	char path[4096];
	ssize_t length;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (!strcmp(how, "say"))
		return say(words[2]);
	if (!strcmp(how, "environ"))
		return environ_say();
	if (!strcmp(how, "name"))
		return puts(words[0]) < 0;
	if (!strcmp(how, "status"))
		return atoi(words[2]);
	if (!strcmp(how, "self")) {
		length = readlink("/proc/self/exe", path, sizeof path);
		return printf("%.*s\n", (int)length, path) < 0;
	}
	if (!strcmp(how, "self-exec"))
		return execv("/proc/self/exe", (char *[]){ "again", "say", "again", NULL }), failed("exec");
	if (!strcmp(how, "no-environ"))
		return environ = NULL, say(NULL);
	if (!strcmp(how, "unset"))
		return unsetenv("FAKECHROOT_BASE"), setenv("FAKECHROOT_EXCLUDE_PATH", "/etc", 1), say(NULL);
	if (!strcmp(how, "execve"))
		return execve(words[2], words + 2, none), failed("execve");
	if (!strcmp(how, "execle"))
		return execle(words[2], words[2], words[3], (char *)NULL, none), failed("execle");
	if (!strcmp(how, "execlp"))
		return environ = NULL, execlp(words[2], words[2], words[3], (char *)NULL), failed("execlp");
	if (!strcmp(how, "execvpe"))
		return execvpe(words[2], words + 2, none), failed("execvpe");
	if (!strcmp(how, "fexecve"))
		return fexecve(open(words[2], O_RDONLY), words + 2, none), failed("fexecve");
	if (!strcmp(how, "memory"))
		return from_memory(words + 2);
	if (!strcmp(how, "system"))
		return environ = NULL, WEXITSTATUS(system(words[2]));
	if (!strcmp(how, "vfork"))
		return by_vfork(words + 2);
	if (!strcmp(how, "spawn"))
		return by_spawn(words + 2, 0);
	if (!strcmp(how, "spawnp"))
		return by_spawn(words + 2, 1);
	if (!strcmp(how, "storm"))
		return storm(words + 2);
	if (!strcmp(how, "raw"))
		return (int)syscall(SYS_execve, words[2], words + 2, environ), failed("raw");
	return 96;
}
