#include "file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

char *file_read(const char *file, size_t *size)
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
