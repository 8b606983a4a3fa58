#include "seen.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/message.h"
#include "../common/text.h"

/* More of it does not count. */
#define TEXT_MOST 4096

static int differs(const char *path, const char *what)
{
	message_keep(path, " ", what, NULL);
	return 0;
}

static int is_number(const char *word, unsigned long long found)
{
	unsigned long long planned;

	return !text_number(word, ~0ULL, &planned) && planned == found;
}

/* SECONDS.NANOSECONDS, with nine digits */
static int is_time(const char *word, const struct timespec *found)
{
	char time[2 * TEXT_DECIMAL], nanoseconds[TEXT_DECIMAL];

	text_decimal(time, found->tv_sec);
	text_decimal(nanoseconds, 1000000000LL + found->tv_nsec);
	nanoseconds[0] = '.';
	return !strcmp(word, strcat(time, nanoseconds));
}

/* content PATH INODE SIZE CTIME */
static int content_holds(char *const *word)
{
	struct stat file;

	if (stat(word[1], &file))
		return differs(word[1], "is there no more");
	if (!is_number(word[2], file.st_ino))
		return differs(word[1], "is another file");
	if (!is_number(word[3], (unsigned long long)file.st_size) || !is_time(word[4], &file.st_ctim))
		return differs(word[1], "has changed");
	return 1;
}

/* kind PATH MODE UID GID; FLAGS for a link itself */
static int kind_holds(char *const *word, int flags)
{
	struct stat file;

	if (fstatat(AT_FDCWD, word[1], &file, flags))
		return differs(word[1], "is there no more");
	if (!is_number(word[2], file.st_mode) || !is_number(word[3], file.st_uid) ||
	    !is_number(word[4], file.st_gid))
		return differs(word[1], "is of another kind, or has other permissions");
	return 1;
}

/* link PATH TARGET */
static int link_holds(char *const *word)
{
	char target[PATH_MAX];
	ssize_t length = readlink(word[1], target, sizeof target);
	size_t planned = strlen(word[2]);

	if (length < 0 || (size_t)length != planned || memcmp(target, word[2], planned))
		return differs(word[1], "leads elsewhere");
	return 1;
}

/* text PATH VALUE, of a file of the kernel's, which has no time of its own */
static int text_holds(char *const *word)
{
	char text[TEXT_MOST];
	size_t planned = strlen(word[2]);
	int fd = open(word[1], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text);

	if (fd >= 0)
		close(fd);
	if (length < 0 || (size_t)length != planned || memcmp(text, word[2], planned))
		return differs(word[1], "says something else");
	return 1;
}

/* none PATH */
static int none_holds(char *const *word)
{
	struct stat file;

	if (!stat(word[1], &file) || (errno != ENOENT && errno != ENOTDIR))
		return differs(word[1], "is there now");
	return 1;
}

int seen_holds(char *const *word, size_t count)
{
	if (count == 5 && !strcmp(word[0], "content"))
		return content_holds(word);
	if (count == 5 && !strcmp(word[0], "kind"))
		return kind_holds(word, 0);
	if (count == 5 && !strcmp(word[0], "entry"))
		return kind_holds(word, AT_SYMLINK_NOFOLLOW);
	if (count == 3 && !strcmp(word[0], "link"))
		return link_holds(word);
	if (count == 3 && !strcmp(word[0], "text"))
		return text_holds(word);
	if (count == 2 && !strcmp(word[0], "none"))
		return none_holds(word);
	message_keep("it cannot be read: ", word[0], NULL);
	return 0;
}
