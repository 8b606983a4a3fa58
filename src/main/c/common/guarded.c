#include "guarded.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "rank.h"
#include "text.h"

static int is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static char *blanks_skip(char *at)
{
	while (is_blank(*at))
		at++;
	return at;
}

/* The first line of SCRIPT without the blanks at its end; 0, or -1. */
static int line_read(char line[], size_t room, const char *script)
{
	int fd = open(script, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, line, room - 1);
	size_t length = 0;

	if (fd >= 0)
		close(fd);
	while ((ssize_t)length < got && line[length] && line[length] != '\n')
		length++;
	while (length && is_blank(line[length - 1]))
		length--;
	line[length] = 0;
	return got < 0 ? -1 : 0;
}

/* What follows the launcher's name, wherever that lies; NULL when it is not there. */
static char *launcher_skip(char *line)
{
	const char *rest = NULL;

	for (char *at = line; text_after(line, "#!") && *at && !rest; at++)
		rest = text_after(at, RANK_LAUNCHER " ");
	return (char *)rest;
}

int guarded_read(struct guarded *guarded, const char *script)
{
	char *at;

	if (line_read(guarded->line, sizeof guarded->line, script))
		return -1;
	at = launcher_skip(guarded->line);
	if (!at || !*(at = blanks_skip(at)))
		return -1;
	guarded->interpreter = at;
	while (*at && !is_blank(*at))
		at++;
	guarded->argument = *at ? blanks_skip(at) : NULL;
	*at = 0;
	return 0;
}
