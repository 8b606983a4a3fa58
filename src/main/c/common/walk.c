#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int top(const struct walk *walk)
{
	return walk->folder[walk->depth - 1];
}

static void pop_to(struct walk *walk, unsigned depth)
{
	while (walk->depth > depth)
		close(walk->folder[--walk->depth]);
}

static int fail(int error)
{
	errno = error;
	return -1;
}

static void link_forget(struct walk *walk)
{
	if (walk->link.dir >= 0)
		close(walk->link.dir);
	walk->link.dir = -1;
}

/* Puts "BEFORE/REST" into todo; REST may lie in todo. */
static int todo_set(struct walk *walk, const char *before, size_t length, const char *rest)
{
	size_t more = strlen(rest);

	if (length + 1 + more >= sizeof walk->todo)
		return fail(ENAMETOOLONG);
	memmove(walk->todo + length + 1, rest, more + 1);
	memcpy(walk->todo, before, length);
	walk->todo[length] = '/';
	return 0;
}

static int link_follow(struct walk *walk, int fd, const char *name, const char *rest)
{
	char body[PATH_MAX];
	ssize_t length = readlinkat(fd, "", body, sizeof body);

	close(fd);
	if (length < 0)
		return -1;
	if (++walk->links > WALK_LINKS)
		return fail(ELOOP);
	if (walk->link.dir < 0) {
		size_t bytes = strlen(name);

		if (bytes + 1 + strlen(rest) >= sizeof walk->link.rest)
			return fail(ENAMETOOLONG);
		memcpy(walk->link.rest, name, bytes);
		walk->link.rest[bytes] = '/';
		strcpy(walk->link.rest + bytes + 1, rest);
		walk->after_link = strlen(rest);
		walk->link.dir = dup(top(walk));
		if (walk->link.dir < 0)
			return -1;
	}
	if (length && body[0] == '/')
		pop_to(walk, 1);
	return todo_set(walk, body, (size_t)length, rest);
}

static int folder_enter(struct walk *walk, int fd)
{
	if (walk->depth == WALK_DEPTH) {
		close(fd);
		return fail(ENAMETOOLONG);
	}
	walk->folder[walk->depth++] = fd;
	return 0;
}

static int place_missing(struct walk *walk, const char *name, const char *rest)
{
	size_t bytes = strlen(name);

	if (bytes + 1 + strlen(rest) >= sizeof walk->missing.rest)
		return fail(ENAMETOOLONG);
	memcpy(walk->missing.rest, name, bytes);
	walk->missing.rest[bytes] = '/';
	strcpy(walk->missing.rest + bytes + 1, rest);
	walk->missing.dir = dup(top(walk));
	return walk->missing.dir < 0 ? -1 : WALK_MISSING;
}

/*
 * One part NAME, with REST after it: 0 to go on, else the walk's answer plus one for descriptors.
 */
static int part_step(struct walk *walk, const char *name, const char *rest, int *found)
{
	struct stat entry;
	int fd;

	if (!strcmp(name, "..")) {
		if (walk->depth > 1)
			pop_to(walk, walk->depth - 1);
		memmove(walk->todo, rest, strlen(rest) + 1);
		return 0;
	}
	fd = openat(top(walk), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return place_missing(walk, name, rest);
	if (fd < 0 || fstat(fd, &entry))
		return -1;
	if (S_ISLNK(entry.st_mode))
		return link_follow(walk, fd, name, rest);
	if (S_ISDIR(entry.st_mode)) {
		memmove(walk->todo, rest, strlen(rest) + 1);
		return folder_enter(walk, fd);
	}
	if (*rest) {
		close(fd);
		return fail(ENOTDIR);
	}
	*found = fd;
	return 1;
}

static int parts_follow(struct walk *walk)
{
	char name[NAME_MAX + 1];
	int found = -1;

	for (;;) {
		char *at = walk->todo + strspn(walk->todo, "/");
		size_t length = strcspn(at, "/");
		int step;

		if (walk->link.dir >= 0 && strlen(at) <= walk->after_link)
			link_forget(walk);
		if (!length)
			return dup(top(walk));
		if (length > NAME_MAX)
			return fail(ENAMETOOLONG);
		memcpy(name, at, length);
		name[length] = 0;
		at += length;
		at += strspn(at, "/");
		if (!strcmp(name, ".")) {
			memmove(walk->todo, at, strlen(at) + 1);
			continue;
		}
		step = part_step(walk, name, at, &found);
		if (step)
			return step > 0 ? found : step;
	}
}

int walk_find(struct walk *walk, int root, const char *path)
{
	walk->folder[0] = dup(root);
	walk->depth = 1;
	walk->links = 0;
	walk->missing.dir = walk->link.dir = -1;
	if (walk->folder[0] < 0)
		return -1;
	if (strlen(path) >= sizeof walk->todo)
		return fail(ENAMETOOLONG);
	strcpy(walk->todo, path);
	return parts_follow(walk);
}

void walk_end(struct walk *walk)
{
	pop_to(walk, 0);
	link_forget(walk);
	if (walk->missing.dir >= 0)
		close(walk->missing.dir);
	walk->missing.dir = -1;
}
