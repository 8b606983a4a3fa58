#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cover.h"
#include "message.h"
#include "sys.h"
#include "text.h"
#include "walk.h"

char *tree_fd_path(char buffer[TREE_FD_PATH], int fd)
{
	static const char prefix[] = "/proc/self/fd/";

	memcpy(buffer, prefix, sizeof prefix);
	text_decimal(buffer + sizeof prefix - 1, fd);
	return buffer;
}

int tree_reopen(int fd)
{
	char link[TREE_FD_PATH], path[PATH_MAX];
	ssize_t length = readlink(tree_fd_path(link, fd), path, sizeof path - 1);

	if (length < 0)
		return -1;
	path[length] = 0;
	return open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int tree_find(const struct tree *tree, const char *target)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)sys_call(SYS_openat2, tree->root, sys_pointer(target), sys_pointer(&how), sizeof how,
			     0);
}

/* The part of REST up to the next slash in NAME; the rest after it. */
static const char *part_take(const char *rest, char name[NAME_MAX + 1])
{
	size_t length;

	rest += strspn(rest, "/");
	length = strcspn(rest, "/");
	if (length > NAME_MAX)
		length = NAME_MAX; /* the kernel refused longer ones before */
	memcpy(name, rest, length);
	name[length] = 0;
	rest += length;
	return rest + strspn(rest, "/");
}

static int part_make(int dir, const char *name, int folder)
{
	int fd;

	if (!strcmp(name, "..")) {
		errno = ENOENT;
		return -1;
	}
	if (folder) {
		if (mkdirat(dir, name, 0755) && errno != EEXIST)
			return -1;
	} else {
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
		if (fd < 0 && errno != EEXIST)
			return -1;
		if (fd >= 0)
			close(fd);
	}
	return openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int tree_place(int dir, const char *rest, int folder)
{
	char name[NAME_MAX + 1];
	int at = dup(dir);

	while (at >= 0 && *rest) {
		int next;

		rest = part_take(rest, name);
		next = strcmp(name, ".") ? part_make(at, name, *rest || folder) : dup(at);
		close(at);
		at = next;
	}
	return at;
}

static int is_read_only(int error)
{
	return error == EROFS || error == EACCES || error == EPERM;
}

/* Whether DIR is in a folder of ours, in which nothing stays. */
static int is_covered(const struct tree *tree, int dir)
{
	struct stat place, cover;

	if (fstat(dir, &place))
		return 0;
	for (unsigned i = 0; i < tree->covered; i++)
		if (!fstat(tree->covers[i], &cover) && cover.st_dev == place.st_dev)
			return 1;
	return 0;
}

static int target_make(struct tree *tree, const char *target, struct walk *walk, unsigned making)
{
	char name[NAME_MAX + 1];
	const struct walk_place *place = &walk->missing;
	int traceless = making & TREE_TRACELESS && !is_covered(tree, place->dir);
	int folder = making & TREE_FOLDER;
	int fd = traceless ? -1 : tree_place(place->dir, place->rest, folder);
	int cover;

	if (fd < 0 && (traceless || is_read_only(errno))) {
		/*
		 * A link that leads nowhere is replaced itself: where it leads may be covered
		 * later.
		 */
		if (walk->link.dir >= 0)
			place = &walk->link;
		part_take(place->rest, name);
		cover = cover_make(tree, place->dir, name);
		if (cover < 0)
			return -1;
		fd = tree_place(cover, place->rest, folder);
	}
	if (fd < 0)
		return message_keep("making ", target, " in the container's tree: ",
				    text_error(errno), NULL);
	return fd;
}

static int target_find(struct tree *tree, const char *target, unsigned making)
{
	int fd = tree_find(tree, target);
	struct walk walk;

	if (fd >= 0)
		return fd;
	fd = walk_find(&walk, tree->root, target);
	if (fd == WALK_MISSING)
		fd = target_make(tree, target, &walk, making);
	else if (fd < 0)
		message_keep("looking up ", target, " in the container's tree: ", text_error(errno),
			     NULL);
	walk_end(&walk);
	return fd;
}

int tree_target(struct tree *tree, const char *target, unsigned making)
{
	int fd = target_find(tree, target, making);
	struct stat place, root;

	if (fd < 0)
		return -1;
	if (fstat(fd, &place) || fstat(tree->root, &root))
		message_keep("looking at ", target, " in the container's tree: ", text_error(errno),
			     NULL);
	else if (place.st_dev == root.st_dev && place.st_ino == root.st_ino)
		message_keep("mounting on ", target, " in the container: it leads to the root",
			     NULL);
	else
		return fd;
	close(fd);
	return -1;
}
