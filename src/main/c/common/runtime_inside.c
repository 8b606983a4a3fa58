#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"
#include "message.h"
#include "run.h"
#include "runtime.h"
#include "runtime_start.h"
#include "sys.h"
#include "text.h"

static void files_limit(unsigned long long soft)
{
	struct files limit = { .soft = 0 };

	if (!soft || sys_call(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, sys_pointer(&limit), 0) < 0)
		return;
	limit.soft = soft;
	sys_call(SYS_prlimit64, 0, RLIMIT_NOFILE, sys_pointer(&limit), 0, 0);
}

static const char *list_close(const char *list)
{
	while (*list) {
		int fd = 0;

		for (; *list >= '0' && *list <= '9'; list++)
			fd = fd * 10 + (*list - '0');
		if (fd > 2)
			close(fd);
		list += *list == ',';
	}
	return list + 1;
}

/* The word behind both. */
static char *signals_restore(char *word)
{
	sigset_t mask;

	sigemptyset(&mask);
	for (int i = 0; i < SIGNALS && word[i]; i++)
		if (word[i] == '1')
			signal(i + 1, SIG_IGN);
	word += strlen(word) + 1;
	for (int i = 0; i < SIGNALS && word[i]; i++)
		if (word[i] == '1')
			sigaddset(&mask, i + 1);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return word + strlen(word) + 1;
}

static const char *number_take(const char *word, unsigned long long *value)
{
	*value = 0;
	text_number(word, INT_MAX, value);
	return word + strlen(word) + 1;
}

/* The whole file with a NUL behind it, or NULL. */
static char *start_read(int fd, size_t *length)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *bytes = size < 0 ? NULL : calloc((size_t)size + 1, 1);

	if (bytes && pread(fd, bytes, (size_t)size, 0) != size)
		return NULL;
	*length = (size_t)size;
	return bytes;
}

/* COUNT words from AT, or up to END; NULL when out of memory. */
static char **words_take(char **at, const char *end, size_t count)
{
	char **words = calloc(count + 1, sizeof *words);

	for (size_t i = 0; words && i < count && *at < end; i++) {
		words[i] = *at;
		*at += strlen(*at) + 1;
	}
	return words;
}

static void streams_restore(const int fds[OURS])
{
	for (int i = INPUT; i < OURS; i++) {
		if (fds[i] < 0) {
			close(i - INPUT);
		} else {
			dup2(fds[i], i - INPUT);
			close(fds[i]);
		}
	}
	close(fds[START]);
	close(fds[SELF]);
	fcntl(fds[CONTROL], F_SETFD, FD_CLOEXEC);
}

static int inside_failed(int control)
{
	char failed = INIT_FAILED;

	(void)!write(control, &failed, 1);
	return message_print(RUN_FAILED);
}

int runtime_inside(char **words)
{
	unsigned long long mask, files, variables;
	char *bytes = NULL, *at, **env, **command;
	const char *folder;
	size_t length = 0;
	int fds[OURS];

	for (int i = 0; i < OURS; i++) {
		const char *word = words[i] ? words[i] : "-1";
		unsigned long long number = 0;

		fds[i] = text_number(word, INT_MAX, &number) ? -1 : (int)number;
	}
	if (fds[CONTROL] >= 3 && fds[START] >= 3)
		bytes = start_read(fds[START], &length);
	if (!bytes) {
		message_keep("berth-exec --inside: only an engine starts it", NULL);
		return message_print(RUN_FAILED);
	}
	streams_restore(fds);
	at = signals_restore(bytes);
	folder = at;
	at = (char *)list_close(at + strlen(at) + 1);
	at = (char *)number_take(at, &mask);
	at = (char *)number_take(at, &files);
	at = (char *)number_take(at, &variables);
	env = words_take(&at, bytes + length, (size_t)variables);
	command = words_take(&at, bytes + length, (size_t)(bytes + length - at));
	umask((mode_t)mask);
	files_limit(files);
	if (!env || !command) {
		message_keep("preparing the container: out of memory", NULL);
		return inside_failed(fds[CONTROL]);
	}
	if (chdir(folder)) {
		message_keep("going to the working folder ", folder, " in the container: ",
			     text_error(errno), NULL);
		return inside_failed(fds[CONTROL]);
	}
	return init_run(fds[CONTROL], command, env);
}
