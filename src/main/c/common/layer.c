#include "layer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys.h"
#include "text.h"
#include "walk.h"

#define DATA_LONGEST 512
#define WORK "/.berth-layer-"
#define WORK_LONGEST 40

/* linux/mount.h cannot stand beside sys/mount.h in older headers. */
#define SET_STRING 1
#define CREATE 6
#define CLOSED_ON_EXEC 1
#define NOSUID_NODEV 6

/* What BELOW has behind PATH; NULL when it is not PATH or in it. */
static const char *rest_below(const char *path, const char *below)
{
	const char *rest = text_after(below, path);

	return rest && (!*rest || *rest == '/') ? rest : NULL;
}

static int fd_path(char path[PATH_MAX], int fd)
{
	char link[TREE_FD_PATH];
	ssize_t length = readlink(tree_fd_path(link, fd), path, PATH_MAX - 1);

	if (length < 0)
		return -1;
	path[length] = 0;
	return 0;
}

/* Whether LINE's target is in what an earlier line shows. */
static int is_in_volume(const struct plan *plan, const struct plan_line *line)
{
	const char *target = line->word[line->directive == PLAN_BIND];

	for (const struct plan_line *other = plan->lines; other < line; other++)
		if ((other->directive == PLAN_BIND && rest_below(other->word[1], target)) ||
		    (other->directive == PLAN_TMPFS && rest_below(other->word[0], target)))
			return 1;
	return 0;
}

/* How LINE's target would be made in the tree; -1 when it is not. */
static int making(const struct plan *plan, const struct plan_line *line)
{
	struct stat source;
	unsigned flags;

	if (line->directive == PLAN_TMPFS)
		return is_in_volume(plan, line) ? -1 : TREE_FOLDER;
	if (line->directive != PLAN_BIND || plan_bind_flags(line->word[2], &flags) ||
	    flags & PLAN_BIND_COVER || is_in_volume(plan, line) || stat(line->word[0], &source))
		return -1;
	return S_ISDIR(source.st_mode) ? TREE_FOLDER : TREE_FILE;
}

/*
 * Puts into LOWER, which lies over the folder DIR, whatever is bound in it. What DIR has itself too, since that is seen
 * first.
 */
static int points_make(const struct plan *plan, const struct tree *tree, int dir, int lower)
{
	char path[PATH_MAX], at[PATH_MAX], rest[2 * PATH_MAX];
	int failed = fd_path(path, dir);

	for (size_t i = 0; !failed && i < plan->count; i++) {
		const struct plan_line *line = &plan->lines[i];
		int kind = making(plan, line);
		const char *below;
		struct walk walk;
		int fd;

		if (kind < 0)
			continue;
		fd = walk_find(&walk, tree->root, line->word[line->directive == PLAN_BIND]);
		if (fd >= 0)
			close(fd);
		if (fd == WALK_MISSING && !fd_path(at, walk.missing.dir) &&
		    (below = rest_below(path, at))) {
			strcat(strcat(strcpy(rest, below), "/"), walk.missing.rest);
			fd = tree_place(lower, rest + strspn(rest, "/"), kind);
			failed = fd < 0;
			if (fd >= 0)
				close(fd);
		}
		walk_end(&walk);
	}
	return failed;
}

static void work_remove(int root, const char *name)
{
	int work = openat(root, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (work >= 0) {
		unlinkat(work, "work", AT_REMOVEDIR);
		close(work);
	}
	unlinkat(root, name, AT_REMOVEDIR);
}

/* What a start has left that was killed while it made a layer. */
static void works_sweep(int root)
{
	int list = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = list < 0 ? NULL : fdopendir(list);
	unsigned long long pid;
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		const char *rest = text_after(entry->d_name, WORK + 1);

		if (rest && !text_number(rest, INT_MAX, &pid) && pid && kill((pid_t)pid, 0) && errno == ESRCH)
			work_remove(root, entry->d_name);
	}
	if (folder)
		closedir(folder);
	else if (list >= 0)
		close(list);
}

/* The tree is as it was: nobody shall take it for changed. */
static void times_keep(int root, const struct stat *before)
{
	const struct timespec times[2] = { before->st_atim, before->st_mtim };
	char path[TREE_FD_PATH];

	sys_call(SYS_utimensat, AT_FDCWD, sys_pointer(tree_fd_path(path, root)), sys_pointer(times), 0, 0);
}

/*
 * The overlay's working folder is for files that come up from below, and none ever does: what is below is mounted on.
 * So it can go at once. Nothing of what overlays write into extended attributes is switched on.
 */
static void overlay_mount(int root, int dir, int lower)
{
	char data[DATA_LONGEST], path[TREE_FD_PATH], work[WORK_LONGEST] = WORK;
	const char *name = work + 1;
	struct stat before;

	text_decimal(work + strlen(work), getpid());
	if (fstat(root, &before))
		return;
	works_sweep(root);
	if (mkdirat(root, name, 0700))
		return;
	strcat(strcpy(data, "userxattr,index=off,metacopy=off,xino=off,lowerdir="),
	       tree_fd_path(path, lower));
	strcat(strcat(data, ",upperdir="), tree_fd_path(path, dir));
	strcat(strcat(data, ",workdir="), tree_fd_path(path, root));
	strcat(data, work);
	mount("berth", tree_fd_path(path, dir), "overlay", 0, data);
	work_remove(root, name);
	times_keep(root, &before);
}

/* A folder in memory that is nowhere to be seen, so that nothing is covered when a layer fails; -1 without one. */
static int memory_make(void)
{
	long fs = sys_call(SYS_fsopen, sys_pointer("tmpfs"), CLOSED_ON_EXEC, 0, 0, 0), fd;

	if (fs < 0)
		return -1;
	sys_call(SYS_fsconfig, fs, SET_STRING, sys_pointer("size"), sys_pointer("1m"), 0);
	sys_call(SYS_fsconfig, fs, SET_STRING, sys_pointer("mode"), sys_pointer("0755"), 0);
	fd = sys_call(SYS_fsconfig, fs, CREATE, 0, 0, 0);
	if (!fd)
		fd = sys_call(SYS_fsmount, fs, CLOSED_ON_EXEC, NOSUID_NODEV, 0, 0);
	close((int)fs);
	return fd < 0 ? -1 : (int)fd;
}

static void layer_make(const struct plan *plan, const struct tree *tree, int dir)
{
	int lower = memory_make();

	if (lower < 0)
		return;
	if (!points_make(plan, tree, dir, lower))
		overlay_mount(tree->root, dir, lower);
	close(lower);
}

/*
 * Not the root: all of the tree would then be in the layer, and two programs that run in one tree would not see each
 * other's files at once.
 */
static int is_root(const struct tree *tree, int dir)
{
	struct stat place, root;

	return fstat(dir, &place) || fstat(tree->root, &root) ||
	       (place.st_dev == root.st_dev && place.st_ino == root.st_ino);
}

void layers_make(const struct plan *plan, struct tree *tree)
{
	const struct plan_line *line = NULL;

	while ((line = plan_next(plan, PLAN_BIND, line))) {
		struct walk walk;
		int fd = tree_find(tree, line->word[1]);

		if (fd < 0 && making(plan, line) == TREE_FILE) {
			fd = walk_find(&walk, tree->root, line->word[1]);
			if (fd == WALK_MISSING && !is_root(tree, walk.missing.dir))
				layer_make(plan, tree, walk.missing.dir);
			walk_end(&walk);
		}
		if (fd >= 0)
			close(fd);
	}
}
