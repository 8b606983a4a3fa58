#include "patch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>

#include "../common/sys.h"
#include "../common/text.h"
#include "path.h"
#include "program.h"

#define LIBRARY_PATH_MAX 4096

struct patch {
	const struct fake *fake;
	char file[PATH_MAX];  /* without links */
	char other[PATH_MAX]; /* beside it */
	struct program program;
};

static int path_of(int fd, char path[PATH_MAX])
{
	char link[16 + TEXT_DECIMAL] = "/proc/self/fd/", number[TEXT_DECIMAL];
	long length;

	strcat(link, text_decimal(number, fd));
	length = sys_call(SYS_readlinkat, AT_FDCWD, sys_pointer(link), sys_pointer(path),
			  PATH_MAX - 1, 0);
	if (length < 0)
		return -1;
	path[length] = 0;
	return 0;
}

static int may_write(const char *path)
{
	return !sys_call(SYS_faccessat, AT_FDCWD, sys_pointer(path), W_OK, 0, 0);
}

/* A short name in the same folder, of this thread and moment alone; made, so that it is ours. */
static int other_make(struct patch *patch)
{
	char number[TEXT_DECIMAL];
	struct timespec now = { 0 };
	char *slash;
	long fd;

	strcpy(patch->other, patch->file);
	slash = strrchr(patch->other, '/');
	if (slash - patch->other + 2 * TEXT_DECIMAL + 10 >= PATH_MAX)
		return -1;
	*slash = 0;
	if (!may_write(slash == patch->other ? "/" : patch->other))
		return -1;
	sys_call(SYS_clock_gettime, CLOCK_REALTIME, sys_pointer(&now), 0, 0, 0);
	strcpy(slash, "/.berth-");
	strcat(patch->other, text_decimal(number, sys_call(SYS_gettid, 0, 0, 0, 0, 0)));
	strcat(patch->other, "-");
	strcat(patch->other, text_decimal(number, now.tv_nsec));
	fd = sys_call(SYS_openat, AT_FDCWD, sys_pointer(patch->other),
		      O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700, 0);
	if (fd < 0)
		return -1;
	sys_call(SYS_close, fd, 0, 0, 0, 0);
	return 0;
}

/*
 * No libc in between, which here may be that of a child of vfork. The end of this child is no
 * signal for the program, nor for its wait.
 */
static int run(char *const *words)
{
	char *const none[] = { NULL };
	int status = -1;
	long pid = sys_call(SYS_clone, 0, 0, 0, 0, 0), ended;

	if (!pid) {
		sys_call(SYS_execve, sys_pointer(words[0]), sys_pointer(words), sys_pointer(none), 0,
			 0);
		sys_call(SYS_exit_group, 127, 0, 0, 0, 0);
	}
	if (pid < 0)
		return -1;
	do
		ended = sys_call(SYS_wait4, pid, sys_pointer(&status), __WALL, 0, 0);
	while (ended == -EINTR);
	return ended == pid && !status ? 0 : -1;
}

static int patchelf(struct patch *patch, int fd)
{
	const char *libraries = patch->fake->value[FAKE_LIBRARIES];
	char own[LIBRARY_PATH_MAX];
	int has = !program_library_path(fd, own, sizeof own);
	size_t room = strlen(libraries) + 2 + (has ? fake_list_room(patch->fake, own) : 0);
	char list[room];
	char *end = has ? fake_list_host(patch->fake, own, ":", libraries, list) : list;
	char *words[] = { (char *)patch->fake->value[FAKE_PATCHELF], (char[]){ "--set-interpreter" },
			  (char *)patch->fake->value[FAKE_LOADER], (char[]){ "--force-rpath" },
			  (char[]){ "--set-rpath" }, list, (char[]){ "--output" }, patch->other,
			  patch->file, NULL };

	fake_list_add(list, end, libraries);
	return run(words);
}

static int replace(struct patch *patch, int fd)
{
	int done = !patchelf(patch, fd) &&
		   !sys_call(SYS_fchmodat, AT_FDCWD, sys_pointer(patch->other),
			     (long)(patch->program.file.st_mode & 07777), 0, 0) &&
		   !sys_call(SYS_renameat2, AT_FDCWD, sys_pointer(patch->other), AT_FDCWD,
			     sys_pointer(patch->file), 0);

	if (!done)
		sys_call(SYS_unlinkat, AT_FDCWD, sys_pointer(patch->other), 0, 0, 0);
	return done ? 0 : -1;
}

static int is_patched(const struct patch *patch)
{
	return !strcmp(patch->program.interpreter, patch->fake->value[FAKE_LOADER]);
}

/* The lock is on the file that is replaced: those who waited for it look again. */
static int patch_open(struct patch *patch, int fd)
{
	if (path_of(fd, patch->file) || !fake_below(patch->fake->value[FAKE_BASE], patch->file) ||
	    !may_write(patch->file))
		return -1;
	sys_call(SYS_flock, fd, LOCK_EX, 0, 0, 0);
	if (program_look(&patch->program, patch->file))
		return -1;
	if (is_patched(patch))
		return 0;
	return other_make(patch) || replace(patch, fd) ? -1 : 0;
}

int fake_patch(const struct fake *fake, const char *file)
{
	long fd = sys_call(SYS_openat, AT_FDCWD, sys_pointer(file), O_RDONLY | O_CLOEXEC, 0, 0);
	struct patch patch = { .fake = fake };
	int result;

	if (fd < 0)
		return -1;
	result = patch_open(&patch, (int)fd);
	sys_call(SYS_close, fd, 0, 0, 0, 0);
	return result;
}
