/*
 * libberth-fake: preloaded before libfakechroot. Answers each exec by fake_exec, and keeps the
 * settings of the start whatever the program does to its environment; and takes the place of calls
 * of libfakechroot that no two threads may be in. A child of vfork may call
 * everything here that it may call at all: no memory is taken, nothing is looked up.
 */
#include "oldlibc.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/sys.h"
#include "../common/text.h"
#include "fake.h"
#include "path.h"

#define PUBLIC __attribute__((visibility("default")))
#define FAILED 125
#define SELF "/proc/self/exe"
#define DEFAULT_PATH "/bin:/usr/bin"

__asm__(".symver dlopen, dlopen@" OLDLIBC_FIRST);

/* The first is a pid_t, or of pidfd_spawn a descriptor. */
typedef int spawn_function(int *, const char *, const posix_spawn_file_actions_t *,
			   const posix_spawnattr_t *, char *const *, char *const *);

typedef int each_object(struct dl_phdr_info *, size_t, void *);

extern char **environ;

/* What libfakechroot asks for at each call beside the settings: answered as at the start. */
static const char *const asked_names[] = { "FAKECHROOT_DEBUG=", "FAKECHROOT_AF_UNIX_PATH=" };
#define ASKED (sizeof asked_names / sizeof *asked_names)

static struct fake fake;
static const char *asked[ASKED];
static int ready; /* 1 with all settings, -1 without */
static char *(*next_getenv)(const char *);
static ssize_t (*next_readlink)(const char *, char *, size_t);
static ssize_t (*next_readlinkat)(int, const char *, char *, size_t);
static int (*libc_iterate)(each_object *, void *);
static int (*libc_dladdr)(const void *, Dl_info *);
static spawn_function *libc_spawn, *libc_pidfd_spawn;

/* The program may write over its environment, or have it moved. */
static const char *copy(const char *value, const char *name, char **room)
{
	char *start = *room;

	if (!value)
		return NULL;
	strcpy(start, name);
	strcat(start, value);
	*room += strlen(start) + 1;
	return start + strlen(name);
}

static const char *given(const char *name)
{
	for (char **env = environ; *env; env++) {
		const char *value = text_after(*env, name);

		if (value)
			return value;
	}
	return NULL;
}

/* Early, and once: the constructors of other libraries ask for variables before ours runs. */
static int settings(void)
{
	struct fake found;
	size_t room = 64;
	char *at;

	if (ready || !environ)
		return ready;
	ready = -1;
	if (fake_read(&found, environ))
		return ready;
	for (size_t i = 0; i < FAKE_SETTINGS; i++)
		room += strlen(fake_names[i]) + (found.value[i] ? strlen(found.value[i]) : 0) + 1;
	room += found.program ? strlen(found.program) : 0;
	for (size_t i = 0; i < ASKED; i++)
		room += given(asked_names[i]) ? strlen(given(asked_names[i])) + 1 : 0;
	at = (char *)sys_call6(SYS_mmap, 0, (long)room, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if ((long)at < 0 && (long)at > -4096)
		return ready;
	for (size_t i = 0; i < FAKE_SETTINGS; i++)
		fake.value[i] = copy(found.value[i], fake_names[i], &at);
	for (size_t i = 0; i < ASKED; i++)
		asked[i] = copy(given(asked_names[i]), "", &at);
	fake.program = copy(found.program, "", &at);
	return ready = 1;
}

static void end(const char *why)
{
	static const char first[] = "berth: starting a program in the container: ";

	sys_call(SYS_write, 2, sys_pointer(first), sizeof first - 1, 0, 0);
	sys_call(SYS_write, 2, sys_pointer(why), (long)strlen(why), 0, 0);
	sys_call(SYS_exit_group, FAILED, 0, 0, 0, 0);
}

/*
 * Whether this program is the container's: one that makes its own system calls may have started one
 * of the host.
 */
static int is_inside(void)
{
	char path[PATH_MAX];
	struct stat ours, loader;
	long length = sys_call(SYS_readlinkat, AT_FDCWD, sys_pointer(SELF), sys_pointer(path),
			       sizeof path - 1, 0);

	if (length < 0)
		return 1; /* nothing to know it from */
	path[length] = 0;
	if (fake_below(fake.value[FAKE_BASE], path) || fake_excluded(&fake, path) ||
	    text_after(path, "/memfd:"))
		return 1;
	return !sys_call(SYS_newfstatat, AT_FDCWD, sys_pointer(SELF), sys_pointer(&ours), 0, 0) &&
	       !sys_call(SYS_newfstatat, AT_FDCWD, sys_pointer(fake.value[FAKE_LOADER]),
			 sys_pointer(&loader), 0, 0) &&
	       ours.st_ino == loader.st_ino && ours.st_dev == loader.st_dev;
}

/* Again when another library's constructor comes before ours. */
static void prepare(void)
{
	void *libc, *libdl;

	if (libc_spawn)
		return;
	libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	libdl = dlopen("libdl.so.2", RTLD_LAZY | RTLD_NOLOAD); /* or the libc that it needs */
	if (settings() < 0)
		end("its settings are not all there\n");
	*(void **)&next_getenv = dlsym(RTLD_NEXT, "getenv");
	*(void **)&next_readlink = dlsym(RTLD_NEXT, "readlink");
	*(void **)&next_readlinkat = dlsym(RTLD_NEXT, "readlinkat");
	*(void **)&libc_iterate = libc ? dlsym(libc, "dl_iterate_phdr") : NULL;
	*(void **)&libc_dladdr = libdl ? dlsym(libdl, "dladdr") : NULL;
	*(void **)&libc_pidfd_spawn = libc ? dlsym(libc, "pidfd_spawn") : NULL;
	*(void **)&libc_spawn = libc ? dlsym(libc, "posix_spawn") : NULL;
	if (!next_getenv || !next_readlink || !next_readlinkat || !libc_iterate || !libc_dladdr || !libc_spawn)
		end("its libc lacks posix_spawn, dladdr or getenv\n");
}

__attribute__((constructor)) static void begin(void)
{
	prepare();
	if (!dlsym(RTLD_DEFAULT, "fakechroot_init"))
		end("libfakechroot is not loaded\n");
	if (!is_inside())
		end("it is the host's, started by a system call of the program itself\n  use another mode (P, R)\n");
}

/* Whether VARIABLE, which ends with its `=`, is NAME. */
static int is_named(const char *variable, const char *name)
{
	const char *rest = text_after(variable, name);

	return rest && *rest == '=';
}

/*
 * libfakechroot asks at each call, in whatever thread that is, while another may have the
 * environment moved.
 */
PUBLIC char *getenv(const char *name)
{
	size_t length;

	if (!strncmp(name, "FAKECHROOT_", 11) && settings() > 0) {
		for (size_t i = 0; i <= FAKE_EXCLUDE; i++)
			if (fake.value[i] && is_named(fake_names[i], name))
				return (char *)fake.value[i];
		for (size_t i = 0; i < ASKED; i++)
			if (is_named(asked_names[i], name))
				return (char *)asked[i];
	}
	if (next_getenv)
		return next_getenv(name);
	length = strlen(name);
	for (char **env = environ; env && *env; env++)
		if (!strncmp(*env, name, length) && (*env)[length] == '=')
			return *env + length + 1;
	return NULL;
}

/* A tree inside the tree: there are no two of these settings. */
PUBLIC int chroot(const char *path)
{
	(void)path;
	errno = EPERM;
	return -1;
}

static int kernel_exec(void *what, const char *file, char **words, char **env)
{
	(void)what;
	return (int)-sys_call(SYS_execve, sys_pointer(file), sys_pointer(words), sys_pointer(env), 0,
			      0);
}

PUBLIC int execve(const char *file, char *const *words, char *const *env)
{
	prepare();
	errno = fake_exec(&fake, file, words, env, kernel_exec, NULL);
	return -1;
}

PUBLIC int execv(const char *file, char *const *words)
{
	return execve(file, words, environ);
}

static size_t words_count(char *const *words)
{
	size_t count = 0;

	while (words[count])
		count++;
	return count;
}

/* A file that is no program is one of the shell's, for the calls that search. */
static int exec_or_shell(const char *file, char *const *words, char *const *env)
{
	char *shell[words_count(words) + 3];

	execve(file, words, env);
	if (errno != ENOEXEC)
		return -1;
	shell[0] = (char[]){ "sh" };
	shell[1] = (char *)file;
	memcpy(shell + 2, words + (words[0] != NULL), (words_count(words) + (words[0] == NULL)) * sizeof *shell);
	return execve("/bin/sh", shell, env);
}

/* The next folder of *PATH with FILE behind it; 0 when it is too long. */
static int path_next(const char **path, const char *file, char joined[PATH_MAX])
{
	size_t length = strcspn(*path, ":");
	const char *folder = *path;

	*path += length;
	if (length + strlen(file) + 2 > PATH_MAX)
		return 0;
	memcpy(joined, folder, length);
	strcpy(joined + length, length ? "/" : "");
	strcat(joined, file);
	return 1;
}

static int is_elsewhere(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES || error == ENAMETOOLONG;
}

typedef int try_function(void *what, const char *file);

/* Tries FILE in each folder of PATH until one answers that it was there; an errno. */
static int search(const char *file, try_function *try, void *what)
{
	const char *path = getenv("PATH");
	char joined[PATH_MAX];
	int denied = 0, error;

	if (!*file)
		return ENOENT;
	if (strchr(file, '/'))
		return try(what, file);
	for (path = path ? path : DEFAULT_PATH;; path++) {
		error = path_next(&path, file, joined) ? try(what, joined) : ENAMETOOLONG;
		if (!is_elsewhere(error))
			return error;
		denied |= error == EACCES;
		if (!*path)
			return denied ? EACCES : ENOENT;
	}
}

struct exec_what {
	char *const *words;
	char *const *env;
};

static int exec_try(void *what, const char *file)
{
	const struct exec_what *exec = what;

	exec_or_shell(file, exec->words, exec->env);
	return errno;
}

PUBLIC int execvpe(const char *file, char *const *words, char *const *env)
{
	struct exec_what what = { words, env };

	errno = search(file, exec_try, &what);
	return -1;
}

PUBLIC int execvp(const char *file, char *const *words)
{
	return execvpe(file, words, environ);
}

/* The words from FIRST on, in a list on the caller's stack. */
#define LISTED(words, first)                                             \
	va_list more_;                                                   \
	size_t count_ = 1;                                               \
	va_start(more_, first);                                          \
	while (va_arg(more_, char *))                                    \
		count_++;                                                \
	va_end(more_);                                                   \
	char *words[count_ + 2];                                         \
	words[0] = (char *)first;                                        \
	va_start(more_, first);                                          \
	for (count_ = 1; (words[count_] = va_arg(more_, char *)); count_++) \
		;

PUBLIC int execl(const char *file, const char *first, ...)
{
	LISTED(words, first)
	va_end(more_);
	return execve(file, words, environ);
}

PUBLIC int execlp(const char *file, const char *first, ...)
{
	LISTED(words, first)
	va_end(more_);
	return execvpe(file, words, environ);
}

PUBLIC int execle(const char *file, const char *first, ...)
{
	LISTED(words, first)
	char **env = va_arg(more_, char **);

	va_end(more_);
	return execve(file, words, env);
}

/* Where descriptor FD leads, then FILE when it is not empty. */
static int descriptor_path(int fd, const char *file, char path[PATH_MAX])
{
	char link[16 + TEXT_DECIMAL] = "/proc/self/fd/", number[TEXT_DECIMAL];
	long length;

	strcat(link, text_decimal(number, fd));
	length = sys_call(SYS_readlinkat, AT_FDCWD, sys_pointer(link), sys_pointer(path),
			  PATH_MAX - 1, 0);
	if (length < 0)
		return (int)-length;
	path[length] = 0;
	if (!*file && !fake_below(fake.value[FAKE_BASE], path))
		strcpy(path, link); /* memory, a volume, something removed */
	if ((size_t)length + strlen(file) + 2 > PATH_MAX)
		return ENAMETOOLONG;
	if (*file)
		strcat(strcat(path, "/"), file);
	return 0;
}

PUBLIC int execveat(int dir, const char *file, char *const *words, char *const *env, int flags)
{
	char path[PATH_MAX];

	if (*file == '/' || (*file && dir == AT_FDCWD))
		return execve(file, words, env);
	if (!*file && !(flags & AT_EMPTY_PATH)) {
		errno = ENOENT;
		return -1;
	}
	errno = descriptor_path(dir, file, path);
	return errno ? -1 : execve(path, words, env);
}

PUBLIC int fexecve(int fd, char *const *words, char *const *env)
{
	return execveat(fd, "", words, env, AT_EMPTY_PATH);
}

struct spawn_what {
	spawn_function *how;
	int *pid;
	const posix_spawn_file_actions_t *actions;
	const posix_spawnattr_t *attributes;
	char *const *words;
	char *const *env;
};

static int spawn_become(void *what, const char *file, char **words, char **env)
{
	struct spawn_what *spawn = what;

	return spawn->how(spawn->pid, file, spawn->actions, spawn->attributes, words, env);
}

static int spawn_try(void *what, const char *file)
{
	struct spawn_what *spawn = what;

	return fake_exec(&fake, file, spawn->words, spawn->env, spawn_become, spawn);
}

#define SPAWN(name, type, libcs, start)                                                         \
	PUBLIC int name(type *pid, const char *file, const posix_spawn_file_actions_t *actions, \
			const posix_spawnattr_t *attributes, char *const *words,                \
			char *const *env)                                                       \
	{                                                                                       \
		struct spawn_what what = { NULL, pid, actions, attributes, words, env };        \
		prepare();                                                                      \
		what.how = libcs;                                                               \
		return libcs ? start : ENOSYS;                                                  \
	}

/* glibc has these since 2.39. */
PUBLIC int pidfd_spawn(int *pid, const char *file, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const *words, char *const *env);
PUBLIC int pidfd_spawnp(int *pid, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes, char *const *words, char *const *env);

SPAWN(posix_spawn, pid_t, libc_spawn, spawn_try(&what, file))
SPAWN(posix_spawnp, pid_t, libc_spawn, search(file, spawn_try, &what))
SPAWN(pidfd_spawn, int, libc_pidfd_spawn, spawn_try(&what, file))
SPAWN(pidfd_spawnp, int, libc_pidfd_spawn, search(file, spawn_try, &what))

/* Behind a loader the kernel calls the loader the program. */
static ssize_t self_read(char *buffer, size_t size)
{
	const char *path = fake.program;
	size_t length;

	if (fake_below(fake.value[FAKE_BASE], path))
		path += strlen(fake.value[FAKE_BASE]);
	length = strlen(path);
	length = length < size ? length : size;
	memcpy(buffer, path, length);
	return (ssize_t)length;
}

static int is_self(const char *path)
{
	prepare();
	return fake.program && !strcmp(path, SELF);
}

PUBLIC ssize_t readlink(const char *path, char *buffer, size_t size)
{
	return is_self(path) ? self_read(buffer, size) : next_readlink(path, buffer, size);
}

PUBLIC ssize_t readlinkat(int dir, const char *path, char *buffer, size_t size)
{
	return is_self(path) ? self_read(buffer, size) : next_readlinkat(dir, path, buffer, size);
}

PUBLIC ssize_t __readlink_chk(const char *path, char *buffer, size_t size, size_t room);
PUBLIC ssize_t __readlink_chk(const char *path, char *buffer, size_t size, size_t room)
{
	return readlink(path, buffer, size < room ? size : room);
}

/* The container's name for NAME, which is not changed: it is the loader's own. */
static const char *narrowed(const char *name)
{
	const char *rest;

	if (!name || !fake_below(fake.value[FAKE_BASE], name))
		return name;
	rest = name + strlen(fake.value[FAKE_BASE]);
	return *rest ? rest : "/";
}

struct each {
	each_object *what;
	void *data;
};

static int each_narrowed(struct dl_phdr_info *info, size_t size, void *data)
{
	const struct each *each = data;
	struct dl_phdr_info shown = { .dlpi_name = NULL };

	size = size < sizeof shown ? size : sizeof shown;
	memcpy(&shown, info, size);
	shown.dlpi_name = narrowed(shown.dlpi_name);
	return each->what(&shown, size, each->data);
}

/* libfakechroot's keeps WHAT in one place for all threads, and calls one's with the other's DATA. */
PUBLIC int dl_iterate_phdr(each_object *what, void *data)
{
	struct each each = { what, data };

	prepare();
	return libc_iterate(each_narrowed, &each);
}

/* libfakechroot's writes into names that other threads read. */
PUBLIC int dladdr(const void *address, Dl_info *info)
{
	int found;

	prepare();
	found = libc_dladdr(address, info);
	if (found)
		info->dli_fname = narrowed(info->dli_fname);
	return found;
}
