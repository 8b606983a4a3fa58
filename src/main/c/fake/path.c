#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "../common/sys.h"

int fake_below(const char *folder, const char *path)
{
	size_t length = strlen(folder);

	return length && !strncmp(path, folder, length) && (!path[length] || path[length] == '/');
}

int fake_excluded(const struct fake *fake, const char *path)
{
	const char *at = fake->value[FAKE_EXCLUDE];

	while (at && *at) {
		size_t length = strcspn(at, ":");

		if (length && !strncmp(path, at, length) && (!path[length] || path[length] == '/'))
			return 1;
		at += length + (at[length] == ':');
	}
	return 0;
}

/* Takes `.` and `..` out of the absolute PATH without asking the disk, as libfakechroot does. */
static void dots_remove(char *path)
{
	char *out = path;
	const char *at = path;

	while (*at) {
		size_t length;

		while (*at == '/')
			at++;
		length = strcspn(at, "/");
		if (length == 2 && at[0] == '.' && at[1] == '.') {
			while (out > path && *--out != '/')
				;
		} else if (length && !(length == 1 && at[0] == '.')) {
			*out++ = '/';
			memmove(out, at, length);
			out += length;
		}
		at += length;
	}
	if (out == path)
		*out++ = '/';
	*out = 0;
}

static int join(char joined[PATH_MAX], const char *first, const char *second)
{
	size_t length = strlen(first), more = strlen(second);

	if (length + more >= PATH_MAX)
		return ENAMETOOLONG;
	memmove(joined + length, second, more + 1);
	memcpy(joined, first, length);
	return 0;
}

static const char *narrowed(const struct fake *fake, const char *path)
{
	const char *base = fake->value[FAKE_BASE];

	if (!fake_below(base, path))
		return path;
	path += strlen(base);
	return *path ? path : "/";
}

/* A relative PATH. In a folder of the host it is the kernel's to understand. */
static int from_here(const struct fake *fake, const char *path, char inside[PATH_MAX])
{
	long length = sys_call(SYS_getcwd, sys_pointer(inside), PATH_MAX, 0, 0, 0);
	const char *here;

	if (length < 0)
		return (int)-length;
	here = narrowed(fake, inside);
	memmove(inside, here, strlen(here) + 1);
	length = (long)strlen(inside);
	if ((size_t)length + 1 + strlen(path) >= PATH_MAX)
		return ENAMETOOLONG;
	inside[length] = '/';
	strcpy(inside + length + 1, path);
	if (!fake_excluded(fake, inside))
		dots_remove(inside);
	return 0;
}

int fake_inside(const struct fake *fake, const char *path, char inside[PATH_MAX])
{
	if (!*path)
		return ENOENT;
	if (*path != '/')
		return from_here(fake, path, inside);
	path = narrowed(fake, path);
	if (strlen(path) >= PATH_MAX)
		return ENAMETOOLONG;
	strcpy(inside, path);
	dots_remove(inside);
	return 0;
}

int fake_host(const struct fake *fake, const char *path, char host[PATH_MAX])
{
	int error = fake_inside(fake, path, host);

	if (error || fake_excluded(fake, host))
		return error;
	return join(host, fake->value[FAKE_BASE], host);
}

size_t fake_list_room(const struct fake *fake, const char *list)
{
	size_t entries = 2;

	for (const char *at = list; *at; at++)
		entries += *at == ':' || *at == ' ';
	return strlen(list) + entries * (strlen(fake->value[FAKE_BASE]) + 1) + 1;
}

static int list_has(const char *list, const char *separators, const char *entry, size_t length)
{
	while (list && *list) {
		size_t bytes = strcspn(list, separators);

		if (bytes == length && !memcmp(list, entry, length))
			return 1;
		list += bytes + (list[bytes] != 0);
	}
	return 0;
}

/* Whether the entry [AT, AT+LENGTH) of a list is a path of the container. */
static int is_inside(const struct fake *fake, const char *at, size_t length)
{
	char path[PATH_MAX];

	if (*at != '/' || length >= sizeof path)
		return 0;
	memcpy(path, at, length);
	path[length] = 0;
	return !fake_excluded(fake, path) && !fake_below(fake->value[FAKE_BASE], path);
}

char *fake_list_host(const struct fake *fake, const char *list, const char *separators,
		     const char *known, char *out)
{
	const char *start = out;

	while (*list) {
		size_t length = strcspn(list, separators);

		if (length && !list_has(known, separators, list, length)) {
			if (out != start)
				*out++ = ':';
			if (is_inside(fake, list, length)) {
				strcpy(out, fake->value[FAKE_BASE]);
				out += strlen(out);
			}
			memcpy(out, list, length);
			out += length;
		}
		list += length + (list[length] != 0);
	}
	*out = 0;
	return out;
}

char *fake_list_add(const char *start, char *out, const char *list)
{
	size_t length = list ? strlen(list) : 0;

	if (length) {
		if (out != start)
			*out++ = ':';
		memcpy(out, list, length);
		out += length;
	}
	*out = 0;
	return out;
}
