#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "run.h"
#include "sys.h"
#include "text.h"

#define VALUE_MAX 64
#define NO_VALUE "none"

/* A member line: two numbers, a space, a newline. */
#define LINE_ROOM (2 * TEXT_DECIMAL)

static int fail(const struct share *share, const char *what)
{
	return message_keep(what, " the list of ranks in ", share->folder, ": ", text_error(errno),
			    NULL);
}

static int value_check(const char *value)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	size_t length = strlen(value);

	return length && length <= VALUE_MAX && strspn(value, allowed) == length ? 0 : -1;
}

static int folder_open(const struct share *share)
{
	int fd = open(share->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat entry;

	if (fd < 0 || fstat(fd, &entry))
		return fail(share, "opening the folder of");
	if (entry.st_uid == geteuid() && !(entry.st_mode & (S_IWGRP | S_IWOTH)))
		return fd;
	close(fd);
	return message_keep("sharing a namespace through ", share->folder,
			    ": it belongs to another user, or others may write to it", NULL);
}

static int file_open(int folder, const char *value, const char *suffix)
{
	char name[VALUE_MAX + 16];

	strcpy(name, value);
	strcat(name, suffix);
	return openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int share_open(struct share *share, const char *folder, const char *name, char *const *env)
{
	const char *value = run_variable(env, name);

	if (value && value_check(value))
		return message_keep("sharing a namespace: the value of ", name,
				    " is not 1 to 64 letters, digits, dots, dashes: ", value, NULL);
	return share_open_value(share, folder, value ? value : NO_VALUE);
}

int share_open_value(struct share *share, const char *folder, const char *value)
{
	int dir;

	*share = (struct share){ .lock = -1, .members = -1, .folder = folder };
	share->start = share_start_time((unsigned long long)getpid());
	if (value_check(value))
		return message_keep("sharing a namespace: the list's name is not 1 to 64 letters, digits, "
				    "dots, dashes: ", value, NULL);
	dir = folder_open(share);
	if (dir < 0)
		return -1;
	share->lock = file_open(dir, value, ".lock");
	if (share->lock >= 0)
		share->members = file_open(dir, value, ".members");
	if (share->members < 0 || flock(share->lock, LOCK_EX)) {
		fail(share, "locking");
		close(dir);
		share_close(share);
		return -1;
	}
	close(dir);
	return 0;
}

void share_close(struct share *share)
{
	if (share->members >= 0)
		close(share->members);
	if (share->lock >= 0)
		close(share->lock);
	share->members = share->lock = -1;
}

unsigned long long share_start_time(unsigned long long pid)
{
	char path[6 + TEXT_DECIMAL + 5] = "/proc/", stat[1024], number[TEXT_DECIMAL];
	unsigned long long start = 0;
	ssize_t length;
	char *at;
	int fd;

	strcat(strcat(path, text_decimal(number, (long long)pid)), "/stat");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	length = read(fd, stat, sizeof stat - 1);
	close(fd);
	stat[length < 0 ? 0 : length] = 0;
	at = strrchr(stat, ')'); /* the name before it may hold anything */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return 0;
	at++;
	at[strcspn(at, " ")] = 0;
	return text_number(at, ULLONG_MAX, &start) ? 0 : start;
}

int share_member_read(const char **text, const char *end, struct share_member *member)
{
	const char *line = *text, *stop = memchr(line, '\n', (size_t)(end - line));
	char copy[LINE_ROOM], *space;

	*text = stop ? stop + 1 : end;
	if (!stop || stop - line >= LINE_ROOM)
		return -1;
	memcpy(copy, line, (size_t)(stop - line));
	copy[stop - line] = 0;
	space = strchr(copy, ' ');
	if (!space)
		return -1;
	*space = 0;
	return text_number(copy, INT_MAX, &member->pid) ||
			       text_number(space + 1, ULLONG_MAX, &member->start) || !member->pid
		       ? -1
		       : 0;
}

static const struct {
	const char *file;
	int flag;
} perhaps_own[] = { { "/ns/net", CLONE_NEWNET }, { "/ns/ipc", CLONE_NEWIPC }, { "/ns/uts", CLONE_NEWUTS } };

static ino_t namespace_of(const char *process, const char *file)
{
	char path[6 + TEXT_DECIMAL + 16] = "/proc/";
	struct stat entry;

	return stat(strcat(strcat(path, process), file), &entry) ? 0 : entry.st_ino;
}

/* Those of a member that are not ours already; the node's own could not be joined again. */
static int others_of(unsigned long long pid)
{
	char number[TEXT_DECIMAL];
	int flags = 0;

	text_decimal(number, (long long)pid);
	for (size_t i = 0; i < sizeof perhaps_own / sizeof *perhaps_own; i++)
		if (namespace_of(number, perhaps_own[i].file) != namespace_of("self", perhaps_own[i].file))
			flags |= perhaps_own[i].flag;
	return flags;
}

static int setns_file(unsigned long long pid, const char *which, int type)
{
	char path[6 + TEXT_DECIMAL + 16] = "/proc/", number[TEXT_DECIMAL];
	int fd;

	strcat(strcat(path, text_decimal(number, (long long)pid)), which);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	return setns(fd, type) ? (close(fd), -1) : close(fd);
}

/* Kernels before 5.8 join one namespace at a time, by its file. */
static int member_join_files(const struct share_member *member)
{
	int others = others_of(member->pid);

	if (share_start_time(member->pid) != member->start ||
	    setns_file(member->pid, "/ns/user", CLONE_NEWUSER))
		return -1;
	/* the mounts last: they take /proc away */
	for (size_t i = 0; i < sizeof perhaps_own / sizeof *perhaps_own; i++)
		if (others & perhaps_own[i].flag &&
		    setns_file(member->pid, perhaps_own[i].file, perhaps_own[i].flag))
			return -1;
	return setns_file(member->pid, "/ns/mnt", CLONE_NEWNS);
}

int share_member_join(const struct share_member *member)
{
	int fd = (int)sys_call(SYS_pidfd_open, (long)member->pid, 0, 0, 0, 0);
	int failed;

	if (fd < 0)
		return fd == -ESRCH ? -1 : member_join_files(member);
	/*
	 * After pidfd_open: from here on the number cannot be taken by another process unnoticed.
	 */
	if (share_start_time(member->pid) != member->start) {
		close(fd);
		return -1;
	}
	failed = setns(fd, CLONE_NEWUSER | CLONE_NEWNS | others_of(member->pid));
	if (failed && errno == EINVAL)
		failed = member_join_files(member);
	close(fd);
	return failed;
}

/* Writes our own line at OFFSET of the list, which ends there. */
static int us_write(const struct share *share, off_t offset)
{
	char line[LINE_ROOM], number[TEXT_DECIMAL];
	ssize_t length;

	text_decimal(line, getpid());
	strcat(line, " ");
	strcat(strcat(line, text_decimal(number, (long long)share->start)), "\n");
	length = (ssize_t)strlen(line);
	if (ftruncate(share->members, offset) ||
	    pwrite(share->members, line, (size_t)length, offset) != length)
		return fail(share, "writing");
	return 0;
}

/* Leaves out the dead ones in front of the first living one, so that the list does not grow. */
static int us_append(const struct share *share, const char *living, const char *end,
		     int all_live)
{
	ssize_t length = end - living;

	if (!all_live && pwrite(share->members, living, (size_t)length, 0) != length)
		return fail(share, "writing");
	return us_write(share, all_live ? lseek(share->members, 0, SEEK_END) : length);
}

int share_join(struct share *share)
{
	struct stat entry;
	const char *at, *end;
	ssize_t length;
	char *list;
	int joined = 0;

	if (fstat(share->members, &entry) || !entry.st_size)
		return 0;
	list = malloc((size_t)entry.st_size);
	length = list ? pread(share->members, list, (size_t)entry.st_size, 0) : -1;
	if (length < 0) {
		free(list);
		return fail(share, "reading");
	}
	at = list;
	end = list + length;
	while (!joined && at < end) {
		const char *line = at;
		struct share_member member;

		if (share_member_read(&at, end, &member) || share_member_join(&member))
			continue;
		joined = us_append(share, line, end, line == list) ? -1 : 1;
	}
	free(list);
	return joined;
}

int share_begin(struct share *share)
{
	return us_write(share, 0);
}
