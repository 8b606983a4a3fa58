#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cover.h"
#include "layer.h"
#include "message.h"
#include "sys.h"
#include "text.h"
#include "tree.h"

/* linux/mount.h cannot stand beside sys/mount.h in older headers. */
#define ATTR_RDONLY 0x1
#define ATTR_NOSUID 0x2
#define ATTR_NODEV 0x4
#define ATTR_NOEXEC 0x8
#define AT_RECURSIVE_ALL 0x8000

struct attributes {
	uint64_t set;
	uint64_t clear;
	uint64_t propagation;
	uint64_t userns;
};

static const struct {
	unsigned flag;
	unsigned attribute;
	unsigned long mount;
} attribute_names[] = {
	{ PLAN_BIND_RO, ATTR_RDONLY, MS_RDONLY },
	{ PLAN_BIND_NOSUID, ATTR_NOSUID, MS_NOSUID },
	{ PLAN_BIND_NODEV, ATTR_NODEV, MS_NODEV },
	{ PLAN_BIND_NOEXEC, ATTR_NOEXEC, MS_NOEXEC },
};

/*
 * The flags that a mount has already: those it came with are locked and must be repeated
 * (mount_namespaces(7)).
 */
static unsigned long mount_flags(int fd)
{
	static const struct {
		unsigned long found;
		unsigned long mount;
	} names[] = {
		{ ST_RDONLY, MS_RDONLY },   { ST_NOSUID, MS_NOSUID },
		{ ST_NODEV, MS_NODEV },	    { ST_NOEXEC, MS_NOEXEC },
		{ ST_NOATIME, MS_NOATIME }, { ST_NODIRATIME, MS_NODIRATIME },
		{ ST_RELATIME, MS_RELATIME },
	};
	unsigned long flags = 0;
	struct statfs state;

	if (fstatfs(fd, &state))
		return 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if ((unsigned long)state.f_flags & names[i].found)
			flags |= names[i].mount;
	return flags;
}

/*
 * Restricts the mount FD (and those below it where the kernel can, since 5.12); 0, or -1 with
 * errno.
 */
static int mount_restrict(int fd, unsigned flags)
{
	struct attributes attributes = { .set = 0 };
	unsigned long more = 0;
	char path[TREE_FD_PATH];

	for (size_t i = 0; i < sizeof attribute_names / sizeof *attribute_names; i++) {
		if (!(flags & attribute_names[i].flag))
			continue;
		attributes.set |= attribute_names[i].attribute;
		more |= attribute_names[i].mount;
	}
	if (!more || !sys_call(SYS_mount_setattr, fd, sys_pointer(""),
			       AT_EMPTY_PATH | AT_RECURSIVE_ALL, sys_pointer(&attributes),
			       sizeof attributes))
		return 0;
	return mount(NULL, tree_fd_path(path, fd), NULL,
		     MS_REMOUNT | MS_BIND | more | mount_flags(fd), NULL);
}

static int bind_fail(const char *source, const char *target, int error)
{
	return message_keep("binding ", source, " to ", target, " in the container: ",
			    text_error(error), NULL);
}

static int is_slave(const struct plan_line *line)
{
	unsigned flags = 0;

	return !plan_bind_flags(line->word[2], &flags) && flags & PLAN_BIND_SLAVE;
}

int mount_follows(const struct plan *plan)
{
	const struct plan_line *line = NULL;

	while ((line = plan_next(plan, PLAN_BIND, line)))
		if (is_slave(line))
			return 1;
	return 0;
}

/* Who else is told of mounts below it; by itself a bind is as its source is. */
static int mount_propagate(int fd, unsigned flags, int follows)
{
	unsigned long kind = flags & PLAN_BIND_UNBINDABLE		? MS_UNBINDABLE
			     : follows && !(flags & PLAN_BIND_SLAVE) ? MS_PRIVATE
								     : 0;
	char path[TREE_FD_PATH];

	return kind ? mount(NULL, tree_fd_path(path, fd), NULL, MS_REC | kind, NULL) : 0;
}

static int bind_mount(int source, int target, unsigned flags, int follows)
{
	char from[TREE_FD_PATH], to[TREE_FD_PATH];
	int fd, failed;

	if (mount(tree_fd_path(from, source), tree_fd_path(to, target), NULL,
		  MS_BIND | (flags & PLAN_BIND_REC ? MS_REC : 0), NULL))
		return -1;
	if (!follows && !(flags & (PLAN_BIND_RO | PLAN_BIND_NOSUID | PLAN_BIND_NODEV | PLAN_BIND_NOEXEC |
				   PLAN_BIND_UNBINDABLE)))
		return 0;
	fd = tree_reopen(target);
	if (fd < 0)
		return -1;
	failed = mount_restrict(fd, flags) || mount_propagate(fd, flags, follows) ? -1 : 0;
	close(fd);
	return failed;
}

static int bind_apply(struct tree *tree, char *const *word, int follows)
{
	struct stat entry;
	unsigned flags;
	int source, target, failed, error;

	plan_bind_flags(word[2], &flags);
	source = open(word[0], O_PATH | O_CLOEXEC);
	if (source < 0 && flags & PLAN_BIND_OPTIONAL && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (source < 0 || fstat(source, &entry))
		return bind_fail(word[0], word[1], errno);
	target = tree_target(tree, word[1],
			     (S_ISDIR(entry.st_mode) ? TREE_FOLDER : TREE_FILE) |
				     (flags & PLAN_BIND_COVER ? TREE_TRACELESS : 0));
	if (target < 0)
		return -1;
	failed = bind_mount(source, target, flags, follows);
	error = errno;
	close(source);
	close(target);
	if (!failed)
		return 0;
	bind_fail(word[0], word[1], error);
	if (error == EINVAL && !(flags & PLAN_BIND_REC))
		message_hint("it may hold file systems that cannot be left out: bind it with rec",
			     NULL);
	return -1;
}

static int tmpfs_apply(struct tree *tree, char *const *word)
{
	int target = tree_target(tree, word[0], TREE_FOLDER);
	char path[TREE_FD_PATH];

	if (target < 0)
		return -1;
	if (mount("tmpfs", tree_fd_path(path, target), "tmpfs", MS_NOSUID | MS_NODEV, word[1]))
		return message_keep("mounting a tmpfs (", word[1], ") on ", word[0],
				    " in the container: ", text_error(errno), NULL);
	close(target);
	return 0;
}

/*
 * Read-only before anything is mounted on it: then the kernel itself guards the tree while targets
 * are made.
 */
static int root_open(struct tree *tree, const char *path, const char *place, int read_only)
{
	if (mount(path, place, NULL, MS_BIND | MS_REC, NULL))
		return message_keep("binding the container's tree ", path, ": ", text_error(errno),
				    NULL);
	tree->root = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree->root < 0)
		return message_keep("opening the container's tree ", path, ": ", text_error(errno),
				    NULL);
	if (read_only && mount_restrict(tree->root, PLAN_BIND_RO))
		return message_keep("making the container's tree ", path, " read-only: ",
				    text_error(errno), NULL);
	return 0;
}

static int root_become(const struct tree *tree, const char *path)
{
	if (!fchdir(tree->root)) {
		if (!sys_call(SYS_pivot_root, sys_pointer("."), sys_pointer("."), 0, 0, 0) &&
		    !umount2(".", MNT_DETACH))
			return 0;
		/* A node that runs from its initramfs cannot pivot (pivot_root(2)). */
		if (!mount(".", "/", NULL, MS_MOVE, NULL) && !chroot("."))
			return 0;
	}
	return message_keep("making ", path, " the container's root: ", text_error(errno), NULL);
}

static int mount_all(const struct plan *plan, const char *place)
{
	char **root = plan_words(plan, PLAN_ROOT);
	struct tree tree = { .root = -1 };
	mode_t mask = umask(0);
	int follows = mount_follows(plan), read_only = !strcmp(root[1], "ro");
	int failed;

	failed = root_open(&tree, root[0], place ? place : root[0], read_only);
	if (!failed && !read_only)
		layers_make(plan, &tree);
	for (size_t i = 0; !failed && i < plan->count; i++) {
		const struct plan_line *line = &plan->lines[i];

		if (line->directive == PLAN_BIND)
			failed = bind_apply(&tree, line->word, follows);
		else if (line->directive == PLAN_TMPFS)
			failed = tmpfs_apply(&tree, line->word);
	}
	if (!failed)
		failed = cover_finish(&tree);
	if (!failed && !place)
		failed = root_become(&tree, root[0]);
	if (!failed && place)
		close(tree.root);
	umask(mask);
	return failed;
}

int mount_tree(const struct plan *plan)
{
	return mount_all(plan, NULL);
}

int mount_tree_at(const struct plan *plan, const char *place)
{
	return mount_all(plan, place);
}
