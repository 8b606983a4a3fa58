#include "cached.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../common/check.h"
#include "../common/message.h"
#include "../common/run.h"
#include "../common/text.h"
#include "key.h"
#include "runs.h"
#include "seen.h"

#define HEAD "berth-cached-plan 1 "
#define MOST_BYTES (2 * PLAN_MAX_BYTES)
#define MOST_WORDS 8
#define LOCK ".lock"
/* What a planner is given before the others plan for themselves. */
#define PATIENCE_MILLISECONDS 10000
#define LONGEST_PAUSE 20

/* --- the folder */

/* Of the user alone. A folder that is missing is made. */
static int folder_enter(int above, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(above, name, flags);
	struct stat folder;

	if (fd < 0 && errno == ENOENT && (!mkdirat(above, name, 0700) || errno == EEXIST))
		fd = openat(above, name, flags);
	if (fd >= 0 && (fstat(fd, &folder) || folder.st_uid != geteuid() ||
			folder.st_mode & (S_IWGRP | S_IWOTH))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The caches of all programs; the user may have it anywhere, behind a link too. */
static int caches_open(const struct front *front, char *path)
{
	const char *named = run_variable(front->env, "XDG_CACHE_HOME");
	const char *home = run_variable(front->env, "HOME");
	const char *place = named && *named == '/' ? named : home;
	int fd;

	if (!place || *place != '/' || strlen(place) + 200 >= PATH_MAX)
		return -1;
	strcpy(path, place);
	if (place == named)
		return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	strcat(path, "/.cache");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && !mkdirat(AT_FDCWD, path, 0700))
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

static int folder_open(const struct front *front, char *path)
{
	static const char *const parts[] = { "berth", "plans" };
	int fd = caches_open(front, path);

	for (size_t i = 0; fd >= 0 && i < sizeof parts / sizeof *parts; i++) {
		int below = folder_enter(fd, parts[i]);

		close(fd);
		fd = below;
		strcat(strcat(path, "/"), parts[i]);
	}
	return fd;
}

void cached_open(struct cached *cached, const struct front *front, char *const *args,
		 const char *folder)
{
	*cached = (struct cached){ .folder = -1, .lock = -1 };
	if (!key_of(front, args, folder, cached->key))
		return;
	cached->folder = folder_open(front, cached->path);
	strcat(strcat(cached->path, "/"), cached->key);
}

/* --- the file */

static char *file_read(const struct cached *cached, size_t *size)
{
	int fd = openat(cached->folder, cached->key, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat file;
	ssize_t length;
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &file) && S_ISREG(file.st_mode) && file.st_uid == geteuid() &&
	    !(file.st_mode & (S_IWGRP | S_IWOTH)) && file.st_size > 0 &&
	    file.st_size <= MOST_BYTES)
		text = malloc((size_t)file.st_size + 2);
	length = text ? read(fd, text, (size_t)file.st_size + 1) : -1;
	close(fd);
	if (!text || length != file.st_size) {
		free(text);
		return NULL;
	}
	*size = (size_t)length;
	text[*size] = 0;
	return text;
}

/* What the first line vouches for, or NULL: it was cut short, or changed. */
static char *body_of(char *text, size_t size)
{
	const size_t head = sizeof HEAD - 1, line = head + SHA256_HEX;
	char found[SHA256_HEX];
	struct sha256 sum;

	if (size <= line || memcmp(text, HEAD, head) || text[line - 1] != '\n')
		return NULL;
	sha256_begin(&sum);
	sha256_add(&sum, text + line, size - line);
	sha256_hex(&sum, found);
	return memcmp(text + head, found, SHA256_HEX - 1) ? NULL : text + line;
}

static int unreadable(void)
{
	return message_keep("the file cannot be read", NULL);
}

/* Takes the line [AT, END) apart; the number of its words, 0 when it is none. */
static size_t line_words(char *at, char *end, char *words[MOST_WORDS])
{
	size_t count = 0;

	while (at <= end) {
		char *stop = memchr(at, ' ', (size_t)(end - at));

		if (count == MOST_WORDS)
			return 0;
		stop = stop ? stop : end;
		words[count++] = at;
		if (plan_word(at, stop))
			return 0;
		at = stop + 1;
	}
	return count;
}

/* The folder's word, still encoded, in the way that the plan has it too. */
static char *raw_word(const char *line, const char *end)
{
	const char *at = memchr(line, ' ', (size_t)(end - line));
	const char *stop = at ? memchr(at + 1, ' ', (size_t)(end - at - 1)) : NULL;

	return stop ? strndup(at + 1, (size_t)(stop - at - 1)) : NULL;
}

static long long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* A start by Java has it for as long as it plans. */
static int lock_share(const char *path)
{
	long long end = milliseconds() + PATIENCE_MILLISECONDS;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	while (fd >= 0 && fcntl(fd, F_SETLK, &lock)) {
		if ((errno != EAGAIN && errno != EACCES) || milliseconds() > end) {
			close(fd);
			fd = -1;
			break;
		}
		poll(NULL, 0, 2);
	}
	return fd;
}

static int lock_take(struct cached_plan *found, const char *path)
{
	if (found->held < 0)
		found->held = lock_share(path);
	return found->held < 0 ? message_keep(path, " cannot be locked", NULL) : 0;
}

void cached_drop(struct cached_plan *found)
{
	if (found->held >= 0)
		close(found->held);
	found->held = -1;
}

/* One line before the plan; RAW becomes the encoded folder of runs. */
static int line_take(const struct cached *cached, struct cached_plan *found, char *at, char *end,
		     char **raw)
{
	char *words[MOST_WORDS], *encoded = raw_word(at, end);
	size_t count = line_words(at, end, words);

	if (!count)
		return unreadable();
	if (count == 3 && !strcmp(words[0], "runs")) {
		found->runs = words[1];
		found->note = words[2];
		*raw = encoded;
	} else if (count == 2 && !strcmp(words[0], "lock")) {
		return lock_take(found, words[1]);
	} else if (count == 2 && !strcmp(words[0], "notice")) {
		found->notice = words[1];
	} else if (count == 2 && !strcmp(words[0], "banner")) {
		found->banner = words[1];
	} else if (count == 2 && !strcmp(words[0], "key")) {
		return strcmp(words[1], cached->key) ? unreadable() : 0;
	} else if (!seen_holds(words, count)) {
		return -1;
	}
	return 0;
}

/* The plan at AT with a line more, which names the note of this run. */
static int plan_take(const struct cached *cached, struct cached_plan *found, const char *at,
		     const char *raw)
{
	const char *rest = strchr(at, '\n');
	size_t room = strlen(at) + (raw ? strlen(raw) : 0) + RUNS_NAME + 16;
	char *text = malloc(room);

	if (!rest || !text || (raw && runs_name(found->name)))
		return unreadable();
	memcpy(text, at, (size_t)(++rest - at));
	text[rest - at] = 0;
	if (raw) {
		strcat(strcat(strcat(text, "record "), raw), "/");
		strcat(strcat(text, found->name), "\n");
	}
	strcat(text, rest);
	if (plan_parse(&found->plan, cached->path, text, strlen(text)))
		return -1;
	return found->plan.first[PLAN_AFTER] ? unreadable() : check_holds(&found->plan);
}

static int lines_take(const struct cached *cached, struct cached_plan *found)
{
	char *text, *at, *end, *raw = NULL;
	size_t size;

	text = cached->folder < 0 ? NULL : file_read(cached, &size);
	if (!text)
		return message_keep("there is none", NULL);
	at = body_of(text, size);
	if (!at)
		return unreadable();
	for (; (end = strchr(at, '\n')); at = end + 1) {
		if (end - at == 4 && !memcmp(at, "plan", 4))
			return plan_take(cached, found, end + 1, raw);
		if (line_take(cached, found, at, end, &raw))
			return -1;
	}
	return unreadable();
}

int cached_load(const struct cached *cached, struct cached_plan *found)
{
	*found = (struct cached_plan){ .notice = "", .banner = "", .held = -1 };
	message_forget();
	if (!lines_take(cached, found))
		return 0;
	cached_drop(found);
	return -1;
}

/* --- one for all */

static void lock_name(const struct cached *cached, char name[SHA256_HEX + sizeof LOCK])
{
	strcat(strcpy(name, cached->key), LOCK);
}

/* A lock with something in it says that no plan came of this command line: nobody waits. */
static int is_hopeless(int lock)
{
	struct stat file;

	return fstat(lock, &file) || file.st_size;
}

/* 1 when the lock is ours, 0 when one plans who may be waited for, -1 when none comes. */
static int lock_try(int lock)
{
	if (is_hopeless(lock))
		return -1;
	return !flock(lock, LOCK_EX | LOCK_NB);
}

static int lock_wait(struct cached *cached, struct cached_plan *found, int lock)
{
	long long end = milliseconds() + PATIENCE_MILLISECONDS;

	for (int pause = 2; milliseconds() < end; pause = pause < LONGEST_PAUSE ? 2 * pause : pause) {
		int ours = lock_try(lock);

		/* The one before us may just have left it. */
		if (!cached_load(cached, found))
			return 0;
		if (ours > 0)
			cached->lock = lock;
		if (ours)
			return -1;
		poll(NULL, 0, pause);
	}
	return -1;
}

int cached_wait(struct cached *cached, struct cached_plan *found)
{
	char name[SHA256_HEX + sizeof LOCK];
	int lock, result;

	if (cached->folder < 0 || !cached_load(cached, found))
		return cached->folder < 0 ? -1 : 0;
	/* It would hold no more later either. */
	unlinkat(cached->folder, cached->key, 0);
	lock_name(cached, name);
	lock = openat(cached->folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (lock < 0)
		return -1;
	result = lock_wait(cached, found, lock);
	if (cached->lock != lock)
		close(lock);
	return result;
}

int cached_begin(struct cached_plan *found)
{
	int failed = found->runs && runs_begin(found->runs, found->name, found->note);

	/* From now on it is seen that there is a run. */
	cached_drop(found);
	if (failed)
		return -1;
	/* Nobody reads it when it cannot be written. */
	if (*found->notice)
		(void)!write(2, found->notice, strlen(found->notice));
	if (*found->banner && isatty(1) && isatty(2))
		(void)!write(2, found->banner, strlen(found->banner));
	return 0;
}

void cached_done(struct cached *cached)
{
	char name[SHA256_HEX + sizeof LOCK];
	struct stat file;

	if (cached->folder < 0)
		return;
	lock_name(cached, name);
	if (!fstatat(cached->folder, cached->key, &file, AT_SYMLINK_NOFOLLOW))
		unlinkat(cached->folder, name, 0);
	else if (cached->lock >= 0 && !is_hopeless(cached->lock))
		(void)!write(cached->lock, "no\n", 3);
	cached_close(cached);
}

void cached_close(struct cached *cached)
{
	if (cached->lock >= 0)
		close(cached->lock);
	if (cached->folder >= 0)
		close(cached->folder);
	cached->lock = cached->folder = -1;
}
