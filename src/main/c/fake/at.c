/*
 * Linked into libfakechroot in place of its own rel2absat, which goes to the folder DIR and back to
 * see where it is: meanwhile the other threads' relative paths are wrong, and a call that fails half
 * way leaves the whole program there.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))

void dedotdot(char *path); /* libfakechroot's */
HIDDEN char *rel2absat(int dir, const char *name, char *resolved);

/* The container's path of the folder DIR; 0, or -1 when it has none. */
static int folder_of(int dir, char path[PATH_MAX])
{
	const char *base = getenv("FAKECHROOT_BASE");
	size_t length = base ? strlen(base) : 0;
	char link[40];
	long bytes;

	if (dir == AT_FDCWD)
		return getcwd(path, PATH_MAX) ? 0 : -1;
	snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
	bytes = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
	if (bytes < 1 || path[0] != '/')
		return -1;
	path[bytes] = 0;
	if (length && !strncmp(path, base, length) && (!path[length] || path[length] == '/'))
		memmove(path, path + length, strlen(path + length) + 1);
	return 0;
}

/* NAME below DIR as an absolute path; what has none stays as it is, for the kernel to refuse. */
HIDDEN char *rel2absat(int dir, const char *name, char *resolved)
{
	char folder[PATH_MAX];

	if (!name)
		return NULL;
	if (!*name || *name == '/' || folder_of(dir, folder) ||
	    snprintf(resolved, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		snprintf(resolved, PATH_MAX, "%s", name);
	if (*resolved == '/')
		dedotdot(resolved);
	return resolved;
}
