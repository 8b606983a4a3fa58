#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "message.h"
#include "text.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static int refuse(const char *name, const char *reason)
{
	return message_keep("refusing ", name, ": ", reason, NULL);
}

static int stale(const struct plan *plan, const char *what, const char *planned, const char *found)
{
	message_keep("refusing ", plan->name, ": it is stale: it was made for ", what, " ", planned,
		     ", this is ", found, NULL);
	message_hint("make the plan anew: start again what wrote it", NULL);
	return -1;
}

static int file_trust(const char *path, const struct stat *file)
{
	if (!S_ISREG(file->st_mode))
		return refuse(path, "it is not a regular file");
	if (file->st_uid != geteuid() && file->st_uid != 0)
		return refuse(path, "it belongs to another user");
	if (file->st_mode & (S_IWGRP | S_IWOTH))
		return refuse(path, "others may write to it");
	if (file->st_size > PLAN_MAX_BYTES)
		return refuse(path, "it is larger than 1 MiB");
	return 0;
}

static ssize_t read_whole(int fd, char *buffer, size_t room)
{
	size_t length = 0;

	while (length < room) {
		ssize_t bytes = read(fd, buffer + length, room - length);

		if (bytes < 0 && errno == EINTR)
			continue;
		if (bytes < 0)
			return -1;
		if (!bytes)
			break;
		length += (size_t)bytes;
	}
	return (ssize_t)length;
}

int check_load(struct plan *plan, const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat file;
	ssize_t length;
	char *text;

	*plan = (struct plan){ .name = path };
	if (fd < 0 && errno == ELOOP)
		return refuse(path, "it is a link");
	if (fd < 0 || fstat(fd, &file))
		return message_keep("opening ", path, ": ", text_error(errno), NULL);
	if (file_trust(path, &file)) {
		close(fd);
		return -1;
	}
	text = malloc((size_t)file.st_size + 2);
	length = text ? read_whole(fd, text, (size_t)file.st_size + 1) : -1;
	close(fd);
	if (length < 0) {
		free(text);
		return message_keep("reading ", path, ": ", text_error(errno), NULL);
	}
	if (plan_parse(plan, path, text, (size_t)length))
		return -1;
	return check_holds(plan);
}

static int boot_holds(const struct plan *plan)
{
	char **planned = plan_words(plan, PLAN_BOOT);
	char boot[64];
	ssize_t length;
	int fd;

	if (!planned)
		return 0;
	fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read_whole(fd, boot, sizeof boot - 1);
	if (fd >= 0)
		close(fd);
	if (length < 0)
		return message_keep("reading " BOOT_ID ": ", text_error(errno), NULL);
	boot[length] = 0;
	boot[strcspn(boot, "\n")] = 0;
	return strcmp(boot, planned[0]) ? stale(plan, "boot", planned[0], boot) : 0;
}

static int stamp_differs(const struct plan *plan, const char *path, const char *what)
{
	message_keep("refusing ", plan->name, ": it is stale: ", path, " has another ", what,
		     " than when the plan was made", NULL);
	message_hint("make the plan anew: start again what wrote it", NULL);
	return -1;
}

static int stamp_holds(const struct plan *plan, char *const *word)
{
	char time[2 * TEXT_DECIMAL], nanoseconds[TEXT_DECIMAL], number[TEXT_DECIMAL];
	unsigned long long inode;
	struct stat file;
	size_t length;

	if (stat(word[0], &file)) {
		message_keep("refusing ", plan->name, ": it is stale: looking at ", word[0], ": ",
			     text_error(errno), NULL);
		message_hint("make the plan anew: start again what wrote it", NULL);
		return -1;
	}
	text_number(word[1], ~0ULL, &inode);
	if (inode != file.st_ino)
		return stamp_differs(plan, word[0], "inode");
	if (strcmp(word[2], "-") && strcmp(word[2], text_decimal(number, file.st_size)))
		return stamp_differs(plan, word[0], "size");
	text_decimal(time, file.st_mtim.tv_sec);
	length = strlen(time);
	/* One digit more in front keeps the leading zeros. */
	text_decimal(nanoseconds, 1000000000LL + file.st_mtim.tv_nsec);
	nanoseconds[0] = '.';
	memcpy(time + length, nanoseconds, 11);
	return strcmp(word[3], time) ? stamp_differs(plan, word[0], "time of change") : 0;
}

int check_holds(const struct plan *plan)
{
	char **planned = plan_words(plan, PLAN_UID), **node = plan_words(plan, PLAN_NODE);
	const struct plan_line *line = NULL;
	char number[TEXT_DECIMAL];
	struct utsname name;

	text_decimal(number, geteuid());
	if (strcmp(planned[0], number))
		return stale(plan, "user", planned[0], number);
	if (node) {
		uname(&name);
		if (strcmp(node[0], name.nodename))
			return stale(plan, "node", node[0], name.nodename);
	}
	if (boot_holds(plan))
		return -1;
	while ((line = plan_next(plan, PLAN_STAMP, line)))
		if (stamp_holds(plan, line->word))
			return -1;
	return 0;
}
