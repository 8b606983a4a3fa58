#include "cover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "message.h"
#include "text.h"

static int fail(int dir, const char *name, const char *what)
{
	char link[TREE_FD_PATH], path[PATH_MAX];
	int error = errno;
	ssize_t length = readlink(tree_fd_path(link, dir), path, sizeof path - 1);

	path[length < 0 ? 0 : length] = 0;
	return message_keep(what, " ", path, name ? "/" : "", name ? name : "", ": ",
			    text_error(error), NULL);
}

static int link_again(int from, int to, const char *name)
{
	char body[PATH_MAX];
	ssize_t length = readlinkat(from, name, body, sizeof body - 1);

	if (length < 0)
		return -1;
	body[length] = 0;
	return symlinkat(body, to, name);
}

/* Shows entry NAME of FROM again in TO; 0, or -1 with errno. */
static int entry_show(int from, int to, const char *name)
{
	char source[TREE_FD_PATH + NAME_MAX + 1], target[TREE_FD_PATH + NAME_MAX + 1];
	struct stat entry;
	int fd;

	if (fstatat(from, name, &entry, AT_SYMLINK_NOFOLLOW))
		return -1;
	if (S_ISLNK(entry.st_mode))
		return link_again(from, to, name);
	if (S_ISDIR(entry.st_mode)) {
		if (mkdirat(to, name, 0755))
			return -1;
	} else {
		fd = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd < 0)
			return -1;
		close(fd);
	}
	strcat(strcat(tree_fd_path(source, from), "/"), name);
	strcat(strcat(tree_fd_path(target, to), "/"), name);
	return mount(source, target, NULL, MS_BIND | MS_REC, NULL);
}

static int entries_show(int from, int to, const char *without)
{
	int list = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = list < 0 ? NULL : fdopendir(list);
	struct dirent *entry;
	int failed = 0;

	if (!folder)
		return fail(from, NULL, "listing");
	while (!failed && (entry = readdir(folder))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    !strcmp(entry->d_name, without))
			continue;
		if (entry_show(from, to, entry->d_name))
			failed = fail(from, entry->d_name, "showing again");
	}
	closedir(folder);
	return failed;
}

/* Mounts the tmpfs; its own descriptor, or -1 with errno. */
static int cover_mount(int dir)
{
	char data[] = "size=1m,mode=0000", link[TREE_FD_PATH];
	struct stat folder;
	struct statfs kind;
	int fd;

	if (fstat(dir, &folder))
		return -1;
	for (int i = 0; i < 4; i++)
		data[sizeof data - 2 - (size_t)i] = (char)('0' + (folder.st_mode >> 3 * i & 7));
	if (mount("berth", tree_fd_path(link, dir), "tmpfs", MS_NOSUID | MS_NODEV, data))
		return -1;
	fd = tree_reopen(dir);
	if (fd < 0 || fstatfs(fd, &kind))
		return -1;
	if (kind.f_type != TMPFS_MAGIC) {
		errno = EXDEV;
		return -1;
	}
	return fd;
}

static int is_same(int one, int other)
{
	char link[TREE_FD_PATH], first[PATH_MAX], second[PATH_MAX];
	ssize_t bytes = readlink(tree_fd_path(link, one), first, sizeof first);
	ssize_t others = readlink(tree_fd_path(link, other), second, sizeof second);

	return bytes > 0 && bytes == others && !memcmp(first, second, (size_t)bytes);
}

int cover_make(struct tree *tree, int dir, const char *without)
{
	int is_root = is_same(dir, tree->root);
	int fd;

	if (tree->covered == TREE_COVERS) {
		errno = EMFILE;
		return fail(dir, NULL, "covering");
	}
	fd = cover_mount(dir);
	if (fd < 0)
		return fail(dir, NULL, "covering");
	tree->covers[tree->covered++] = fd;
	if (entries_show(dir, fd, without))
		return -1;
	if (is_root)
		tree->root = fd;
	return fd;
}

int cover_finish(struct tree *tree)
{
	char path[TREE_FD_PATH];

	for (unsigned i = 0; i < tree->covered; i++) {
		/*
		 * The file system, not the mount: a later cover may show this one again through
		 * another mount.
		 */
		if (mount(NULL, tree_fd_path(path, tree->covers[i]), NULL,
			  MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL))
			return fail(tree->covers[i], NULL, "making read-only");
	}
	return 0;
}
