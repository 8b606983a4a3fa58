#include "shape.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"

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
