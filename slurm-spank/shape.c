#include "shape.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than one number, or "-" or "," between two. */
static int is_several(const char *groups)
{
	return groups[strspn(groups, "0123456789")] != 0;
}

int shape_is_heterogeneous(const char *text, size_t size)
{
	static const char group[] = "--het-group";
	const char *end = text + size;
	int follows = 0;

	for (const char *word = text; word < end; word += strlen(word) + 1) {
		if (!strcmp(word, ":") || (follows && is_several(word)))
			return 1;
		follows = !strcmp(word, group);
		if (!strncmp(word, group, sizeof group - 1) && word[sizeof group - 1] == '=' &&
		    is_several(word + sizeof group))
			return 1;
	}
	return 0;
}

/* All of FILE, ended by NUL, to be freed; NULL on failure. */
static char *file_read(const char *file, size_t *size)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t room = 0;
	ssize_t got = fd < 0 ? -1 : 1;

	for (*size = 0; got > 0; *size += (size_t)got) {
		if (room - *size < 2) {
			char *more = realloc(text, room = room * 2 + 4096);

			if (!more)
				break;
			text = more;
		}
		got = read(fd, text + *size, room - *size - 1);
		if (got < 0)
			break;
	}
	if (fd >= 0)
		close(fd);
	if (got || !text) {
		free(text);
		return NULL;
	}
	text[*size] = 0;
	return text;
}

int shape_of_self(void)
{
	size_t size;
	char *text = file_read("/proc/self/cmdline", &size);
	int several = text && shape_is_heterogeneous(text, size);

	free(text);
	return several;
}

int shape_is_multi_prog(int argc, char **argv)
{
	size_t size;
	char *text = argc == 2 ? file_read(argv[0], &size) : NULL;
	int same = text && !strcmp(text, argv[1]);

	free(text);
	return same;
}
