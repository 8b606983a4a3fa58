/*
 * Preloaded into a program under test: counts the calls that change files below CUT_UNDER and, at call CUT_AT, kills
 * the process (CUT_HOW=kill) or fails that call and all later ones for want of room (CUT_HOW=full). Each call is noted
 * in the file CUT_LOG, one a line, so that a test can check their order. CUT_AT=0 only notes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *under;
static size_t under_length;
static long at, count;
static int full, log_fd = -1, ready;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static void setup(void)
{
	const char *log = getenv("CUT_LOG"), *how = getenv("CUT_HOW"), *number = getenv("CUT_AT");

	under = getenv("CUT_UNDER");
	under_length = under ? strlen(under) : 0;
	at = number ? atol(number) : 0;
	full = how && !strcmp(how, "full");
	if (log)
		log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	ready = 1;
}

/* @return 0 to go on, 1 when the call must fail; grows tells whether the call needs room */
static int step(const char *call, const char *path, const char *other, int grows)
{
	char line[2 * PATH_MAX + 64];
	int fails = 0;

	pthread_mutex_lock(&lock);
	if (!ready)
		setup();
	if (under_length && path && !strncmp(path, under, under_length)) {
		count++;
		if (log_fd >= 0) {
			int length = snprintf(line, sizeof line, "%ld %s %s%s%s\n", count, call,
					      path + under_length, other ? " -> " : "",
					      other ? (strncmp(other, under, under_length) ? other : other + under_length)
						    : "");

			syscall(SYS_write, log_fd, line, (size_t)length);
		}
		if (at && !full && count == at) {
			syscall(SYS_kill, getpid(), SIGKILL);
			for (;;)
				pause();
		}
		fails = at && full && count >= at && grows;
	}
	pthread_mutex_unlock(&lock);
	if (fails)
		errno = ENOSPC;
	return fails;
}

/* The path of an open file, or of one named beside an open folder. */
static const char *path_of(int fd, const char *name, char path[PATH_MAX])
{
	char link[64];
	ssize_t length = 0;

	if (name && *name == '/')
		return name;
	if (fd == AT_FDCWD)
		return name && getcwd(path, PATH_MAX / 2) ? strcat(strcat(path, "/"), name) : NULL;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, path, PATH_MAX / 2);
	if (length < 0)
		return NULL;
	path[length] = 0;
	if (name && length + strlen(name) + 2 < PATH_MAX)
		strcat(strcat(path, "/"), name);
	return path;
}

static int step_at(const char *call, int fd, const char *name, int grows)
{
	char path[PATH_MAX];
	int saved = errno, fails = step(call, path_of(fd, name, path), NULL, grows);

	if (!fails)
		errno = saved;
	return fails;
}

#define WRITES(name, parameters, arguments)                                                        \
	ssize_t name parameters                                                                    \
	{                                                                                          \
		return step_at("write", fd, NULL, 1) ? -1 : REAL(name) arguments;                  \
	}
WRITES(write, (int fd, const void *from, size_t size), (fd, from, size))
WRITES(pwrite, (int fd, const void *from, size_t size, off_t where), (fd, from, size, where))
WRITES(pwrite64, (int fd, const void *from, size_t size, off64_t where), (fd, from, size, where))
WRITES(writev, (int fd, const struct iovec *from, int size), (fd, from, size))

static int opening(const char *name, int fd, const char *path, int flags, mode_t mode)
{
	int (*go)(int, const char *, int, ...) = (int (*)(int, const char *, int, ...))real(name);

	if ((flags & O_CREAT) && step_at("create", fd, path, 1))
		return -1;
	return go(fd, path, flags, mode);
}

static mode_t mode_of(int flags, va_list list)
{
	return flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0;
}

#define OPENS(name)                                                                                \
	int name(const char *path, int flags, ...)                                                 \
	{                                                                                          \
		va_list list;                                                                      \
		mode_t mode;                                                                       \
                                                                                                   \
		va_start(list, flags);                                                             \
		mode = mode_of(flags, list);                                                       \
		va_end(list);                                                                      \
		return opening(#name "at", AT_FDCWD, path, flags, mode);                           \
	}
#define OPENS_AT(name)                                                                             \
	int name(int fd, const char *path, int flags, ...)                                         \
	{                                                                                          \
		va_list list;                                                                      \
		mode_t mode;                                                                       \
                                                                                                   \
		va_start(list, flags);                                                             \
		mode = mode_of(flags, list);                                                       \
		va_end(list);                                                                      \
		return opening(#name, fd, path, flags, mode);                                      \
	}
OPENS(open)
OPENS_AT(openat)
OPENS_AT(openat64)
int open64(const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = mode_of(flags, list);
	va_end(list);
	return opening("openat64", AT_FDCWD, path, flags, mode);
}

int mkdir(const char *path, mode_t mode)
{
	struct stat entry;

	/* a folder that is there already needs no room */
	if (!lstat(path, &entry)) {
		errno = EEXIST;
		return -1;
	}
	return step_at("mkdir", AT_FDCWD, path, 1) ? -1 : REAL(mkdir)(path, mode);
}

int symlink(const char *target, const char *path)
{
	return step_at("symlink", AT_FDCWD, path, 1) ? -1 : REAL(symlink)(target, path);
}

int link(const char *target, const char *path)
{
	return step_at("link", AT_FDCWD, path, 1) ? -1 : REAL(link)(target, path);
}

int rename(const char *from, const char *to)
{
	char one[PATH_MAX], two[PATH_MAX];

	if (step("rename", path_of(AT_FDCWD, from, one), path_of(AT_FDCWD, to, two), 0))
		return -1;
	return REAL(rename)(from, to);
}

int unlink(const char *path)
{
	return step_at("unlink", AT_FDCWD, path, 0) ? -1 : REAL(unlink)(path);
}

int rmdir(const char *path)
{
	return step_at("rmdir", AT_FDCWD, path, 0) ? -1 : REAL(rmdir)(path);
}

int unlinkat(int fd, const char *path, int flags)
{
	return step_at("unlink", fd, path, 0) ? -1 : REAL(unlinkat)(fd, path, flags);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	char one[PATH_MAX], two[PATH_MAX];

	if (step("rename", path_of(from_fd, from, one), path_of(to_fd, to, two), 0))
		return -1;
	return REAL(renameat)(from_fd, from, to_fd, to);
}

int chmod(const char *path, mode_t mode)
{
	return step_at("chmod", AT_FDCWD, path, 0) ? -1 : REAL(chmod)(path, mode);
}

int ftruncate(int fd, off_t size)
{
	return step_at("truncate", fd, NULL, 1) ? -1 : REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
	return step_at("truncate", fd, NULL, 1) ? -1 : REAL(ftruncate64)(fd, size);
}

int fsync(int fd)
{
	return step_at("sync", fd, NULL, 0) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
	return step_at("sync", fd, NULL, 0) ? -1 : REAL(fdatasync)(fd);
}
