/*
 * What the tests of modes F run inside: it starts programs in every way that libc has, and says
 * where it is. /etc/name is in the tree alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
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

/* Threads that do at once what no two of them may share: each counts what went wrong. */
#define CROWD_ROUNDS 20000
static volatile int crowd_over;

static int object_one(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)info;
	(void)size;
	*(long *)data += 1;
	return 0;
}

static int object_million(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)info;
	(void)size;
	*(long *)data += 1000000;
	return 0;
}

static void *crowd_objects(void *what)
{
	long step = what ? 1000000 : 1, bad = 0, first = 0;

	for (int i = 0; i < CROWD_ROUNDS / 10; i++) {
		long sum = 0;

		dl_iterate_phdr(what ? object_million : object_one, &sum);
		first = first ? first : sum;
		bad += sum != first || sum % step || sum / step > 100;
	}
	return (void *)bad;
}

static void *crowd_at(void *what)
{
	int dir = open("/etc", O_RDONLY | O_DIRECTORY);
	long bad = dir < 0;

	(void)what;
	for (int i = 0; i < CROWD_ROUNDS / 10; i++) {
		int file = openat(dir, "name", O_RDONLY);

		bad += file < 0;
		close(file);
	}
	close(dir);
	crowd_over = 1;
	return (void *)bad;
}

static void *crowd_here(void *what)
{
	char path[4096];
	long bad = 0;

	(void)what;
	for (int i = 0; i < CROWD_ROUNDS && !crowd_over; i++)
		bad += !getcwd(path, sizeof path) || strcmp(path, "/");
	return (void *)bad;
}

static void *crowd_environment(void *what)
{
	char name[32];

	(void)what;
	for (int i = 0; i < CROWD_ROUNDS / 10; i++) {
		snprintf(name, sizeof name, "MORE_%d", i);
		setenv(name, "x", 1);
	}
	return NULL;
}

static int crowd(void)
{
	static void *(*const runs[])(void *) = { crowd_objects, crowd_objects, crowd_at, crowd_here,
						 crowd_environment };
	enum { COUNT = sizeof runs / sizeof *runs };
	pthread_t threads[COUNT];
	long bad[COUNT];

	for (int i = 0; i < COUNT; i++)
		pthread_create(&threads[i], NULL, runs[i], i == 1 ? &threads : NULL);
	for (int i = 0; i < COUNT; i++) {
		void *result;

		pthread_join(threads[i], &result);
		bad[i] = (long)result;
	}
	return printf("%ld %ld %ld %ld\n", bad[0], bad[1], bad[2], bad[3]) < 0;
}

/* What this libc is called, and whether the loader still calls it as it did. */
static int library(void)
{
	Dl_info info, own;
	void *map = NULL;

	if (!dladdr((void *)atoi, &info) || !dladdr1((void *)atoi, &own, &map, RTLD_DL_LINKMAP))
		return failed("dladdr");
	return printf("%s %s\n", info.dli_fname,
		      strlen(((struct link_map *)map)->l_name) > strlen(info.dli_fname) ? "kept" : "changed") < 0;
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
	if (!strcmp(how, "crowd"))
		return crowd();
	if (!strcmp(how, "library"))
		return library();
	if (!strcmp(how, "raw"))
		return (int)syscall(SYS_execve, words[2], words + 2, environ), failed("raw");
	return 96;
}
