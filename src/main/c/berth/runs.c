#include "runs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../common/share.h"
#include "../common/text.h"

/* More than one, so that a folder full of them empties; few, so that no start takes long. */
#define SWEEP_MOST 16

static int is_plain(const char *name)
{
	for (; *name; name++)
		if (!strchr("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
			    *name))
			return 0;
	return 1;
}

int runs_name(char name[RUNS_NAME])
{
	struct utsname node;
	char number[TEXT_DECIMAL];
	unsigned long long start = share_start_time((unsigned long long)getpid());

	if (uname(&node) || !start || !is_plain(node.nodename))
		return -1;
	strcpy(name, node.nodename);
	strcat(strcat(name, "-"), text_decimal(number, getpid()));
	strcat(strcat(name, "-"), text_decimal(number, (long long)start));
	return 0;
}

/* Whether ENTRY is the note of a run of this node that has ended. */
static int is_over(const char *entry, const char *node, size_t length)
{
	char text[RUNS_NAME], *dash;
	unsigned long long pid, start;

	if (strlen(entry) >= sizeof text || strncmp(entry, node, length) || entry[length] != '-')
		return 0;
	strcpy(text, entry + length + 1);
	dash = strchr(text, '-');
	if (!dash)
		return 0;
	*dash = 0;
	return !text_number(text, 1ULL << 31, &pid) && !text_number(dash + 1, ~0ULL, &start) &&
	       share_start_time(pid) != start;
}

/* Closes FD. */
static void sweep(int fd, size_t node_length, const char *name)
{
	DIR *folder = fdopendir(fd);
	struct dirent *entry;
	int left = SWEEP_MOST;

	if (!folder) {
		close(fd);
		return;
	}
	while (left && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		left--;
		if (is_over(entry->d_name, name, node_length))
			unlinkat(fd, entry->d_name, 0);
	}
	closedir(folder);
}

static size_t node_of(const char *name)
{
	struct utsname node;

	return uname(&node) || !text_after(name, node.nodename) ? 0 : strlen(node.nodename);
}

static int text_write(int fd, const char *text)
{
	size_t length = strlen(text);

	return write(fd, text, length) == (ssize_t)length ? 0 : -1;
}

/* The last two numbers of NAME. */
static int starter_write(int fd, const char *name, size_t node_length)
{
	char line[RUNS_NAME + 16] = "starter ";

	strcat(strcat(line, name + node_length + 1), "\n");
	*strchr(line, '-') = ' ';
	return text_write(fd, line);
}

int runs_begin(const char *folder, const char *name, const char *text)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	size_t node_length = node_of(name);
	int failed;

	if (dir < 0 || !node_length)
		return -1;
	/* of a process of an earlier boot with the same numbers */
	unlinkat(dir, name, 0);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		close(dir);
		return -1;
	}
	failed = text_write(fd, text) || starter_write(fd, name, node_length);
	close(fd);
	if (failed)
		unlinkat(dir, name, 0);
	sweep(dir, node_length, name);
	return failed;
}
