#include "layer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys.h"
#include "text.h"
#include "walk.h"

#define DATA_LONGEST 512
#define WORK_LONGEST 40

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
static int overlay_mount(int root, int dir, int lower)
{
	char data[DATA_LONGEST], path[TREE_FD_PATH], name[WORK_LONGEST] = ".berth-layer-";
	struct stat before;
	int failed;

	text_decimal(name + strlen(name), getpid());
	if (fstat(root, &before) || mkdirat(root, name, 0700))
		return -1;
	strcat(strcpy(data, "userxattr,index=off,metacopy=off,xino=off,lowerdir="),
	       tree_fd_path(path, lower));
	strcat(strcat(data, ",upperdir="), tree_fd_path(path, dir));
	strcat(strcat(data, ",workdir="), tree_fd_path(path, root));
	strcat(strcat(data, "/"), name);
	failed = mount("berth", tree_fd_path(path, lower), "overlay", 0, data);
	work_remove(root, name);
	times_keep(root, &before);
	return failed;
}

static void layer_make(const struct plan *plan, const struct tree *tree, int dir)
{
	char path[TREE_FD_PATH];
	int lower;

	if (mount("berth", tree_fd_path(path, dir), "tmpfs", MS_NOSUID | MS_NODEV,
		  "size=1m,mode=0755"))
		return;
	lower = tree_reopen(dir);
	if (lower < 0 || points_make(plan, tree, dir, lower) ||
	    overlay_mount(tree->root, dir, lower))
		umount2(tree_fd_path(path, lower), MNT_DETACH);
	if (lower >= 0)
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
