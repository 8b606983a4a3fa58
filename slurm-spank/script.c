#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/rank.h"
#include "fault.h"
#include "file.h"

/* What the kernel looks at of a first line. */
#define MOST_LINE 255

static const char wrap[] = "--wrap";

/* Begins the name of a copy's folder. */
static const char mark[] = "/berth-sbatch-";

int script_command(struct words *command)
{
	size_t size = 0;
	char *text = file_read("/proc/self/cmdline", &size);

	for (char *word = text; text && word < text + size; word += strlen(word) + 1)
		words_add(command, "", word);
	free(text);
	if (command->count && !command->lost)
		return 0;
	words_free(command);
	return fault_keep("reading the command line of sbatch: /proc does not show it");
}

/* --- where sbatch has the script from */

/* The first letter of a word like -vD that is not one of sbatch's options without a value. */
static char letter_of(const char *word)
{
	return *word == '-' ? word[1 + strspn(word + 1, "HkOQsvW")] : 0;
}

/* -D, --chdir, and their kin; then a name without a path is one in that folder. */
static int changes_folder(const struct words *command, size_t at)
{
	for (size_t i = 1; i < at; i++)
		if (!strncmp(command->word[i], "--ch", 4) || letter_of(command->word[i]) == 'D')
			return 1;
	return 0;
}

static int is_file(const char *path)
{
	struct stat entry;

	return !stat(path, &entry) && !S_ISDIR(entry.st_mode);
}

/* NAME in the working folder, then in PATH; to be freed. */
static char *script_find(const char *name)
{
	const char *folder = getenv("PATH");
	char *path;

	if (*name == '/' || *name == '.' || is_file(name))
		return strdup(name);
	for (; folder && *folder; folder += strcspn(folder, ":"), folder += *folder == ':') {
		if (asprintf(&path, "%.*s/%s", (int)strcspn(folder, ":"), folder, name) < 0)
			return NULL;
		if (is_file(path))
			return path;
		free(path);
	}
	return strdup(name);
}

/* With some of these sbatch reads no script, and behind "--" is one whatever it looks like. */
static int says_more(const char *word)
{
	static const char *const more[] = { "--wr", "--v", "--h", "--u" };
	char letter = letter_of(word);

	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		if (!strncmp(word, more[i], strlen(more[i])))
			return 1;
	return !strcmp(word, "--") || letter == 'h' || letter == 'V';
}

/* Whether sbatch is sure to read its script from standard input: no word can be one. */
static int reads_input(const struct words *command)
{
	for (size_t i = 1; i < command->count; i++) {
		const char *word = command->word[i];
		char *path = *word == '-' ? NULL : script_find(word);
		int is_script = path && is_file(path);

		free(path);
		if (is_script || (*word == '-' && says_more(word)))
			return 0;
	}
	return !changes_folder(command, command->count);
}

static char *text_of_file(const struct words *command, size_t at)
{
	const char *name = command->word[at];
	char *path, *text;
	size_t size;

	if (*name != '/' && *name != '.' && changes_folder(command, at)) {
		fault_keep("sending the batch script: with --chdir, name it by its path (./%.200s)", name);
		return NULL;
	}
	path = script_find(name);
	text = path ? file_read(path, &size) : NULL;
	free(path);
	if (!text)
		fault_keep("sending the batch script: %.200s cannot be read once more", name);
	return text;
}

/* What sbatch makes of --wrap. */
static char *text_of_wrap(const char *line)
{
	char *text = NULL;

	if (asprintf(&text, "#!/bin/sh\n# This script was created by sbatch --wrap.\n\n%s\n", line) < 0) {
		fault_keep("sending the batch script: memory ran out");
		return NULL;
	}
	return text;
}

static char *text_of_input(void)
{
	struct stat entry;
	char *text = NULL;
	size_t size;

	if (!fstat(STDIN_FILENO, &entry) && S_ISREG(entry.st_mode))
		text = file_read("/proc/self/fd/0", &size);
	if (!text)
		fault_keep("sending the batch script: it came through a pipe, and cannot be read once more to be kept from "
			   "nodes without the plugin; give sbatch its file");
	return text;
}

/* How many words of COMMAND from I on are a --wrap; its value in LINE. */
static size_t wrap_words(const struct words *command, size_t i, const char **line)
{
	const char *word = command->word[i];
	size_t length = strcspn(word, "=");

	if (length < 4 || length > sizeof wrap - 1 || strncmp(word, wrap, length))
		return 0;
	*line = word[length] ? word + length + 1 : command->word[i + 1];
	return word[length] || !*line ? 1 : 2;
}

/* --- the copy */

static int bytes_write(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t put = write(fd, bytes, size);

		if (put < 0)
			return -1;
		bytes += put;
		size -= (size_t)put;
	}
	return 0;
}

/* Writes TEXT with LAUNCHER in front of its interpreter, if it is not there; 0, or -1 with errno. */
static int text_write(int fd, const char *launcher, const char *text)
{
	const char *end = text + strcspn(text, "\n"), *there = strstr(text, RANK_LAUNCHER " ");

	if (there && there < end)
		return bytes_write(fd, text, strlen(text));
	return bytes_write(fd, "#!", 2) || bytes_write(fd, launcher, strlen(launcher)) || bytes_write(fd, " ", 1) ||
			       bytes_write(fd, text + 2, strlen(text + 2))
		       ? -1
		       : 0;
}

static int copy_fail(const char *copy)
{
	return fault_keep("sending the batch script: writing the copy %.200s: %s", copy, strerror(errno));
}

/* In a folder of its own, since the job has its name from the script's. */
static int copy_make(char copy[PATH_MAX], const char *name, const char *launcher, const char *text)
{
	const char *folder = getenv("TMPDIR"), *slash = strrchr(name, '/');
	int fd, failed;

	if ((size_t)snprintf(copy, PATH_MAX, "%s%sXXXXXX", folder && *folder == '/' ? folder : "/tmp", mark) +
		    strlen(name) + 1 >= PATH_MAX)
		return fault_keep("sending the batch script: the path of its copy is too long");
	if (!mkdtemp(copy))
		return copy_fail(copy);
	strcat(strcat(copy, "/"), slash ? slash + 1 : name);
	fd = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	failed = fd < 0 || text_write(fd, launcher, text);
	if (fd >= 0)
		failed |= close(fd);
	if (!failed)
		return 0;
	copy_fail(copy);
	script_forget(copy);
	return -1;
}

void script_forget(const char *copy)
{
	char folder[PATH_MAX], *slash;

	if (strlen(copy) >= sizeof folder)
		return;
	strcpy(folder, copy);
	slash = strrchr(folder, '/');
	if (!slash || !strstr(folder, mark))
		return;
	*slash = 0;
	unlink(copy);
	rmdir(folder);
}

static int input_copy(int to)
{
	char bytes[65536];
	ssize_t got;

	while ((got = read(STDIN_FILENO, bytes, sizeof bytes)) > 0)
		if (bytes_write(to, bytes, (size_t)got))
			return -1;
	return got < 0 || lseek(to, 0, SEEK_SET) ? -1 : 0;
}

void script_input_keep(const struct words *command)
{
	struct stat entry;
	int file;

	if (fstat(STDIN_FILENO, &entry) || !S_ISFIFO(entry.st_mode) || !reads_input(command))
		return;
	file = memfd_create("script", MFD_CLOEXEC);
	if (file < 0)
		return;
	if (!input_copy(file))
		dup2(file, STDIN_FILENO);
	close(file);
}

/* --- the two together */

/* The words in front of the script, without --wrap, whose value goes to LINE. */
static void words_before(const struct words *command, size_t at, struct words *guarded, const char **line)
{
	for (size_t i = 0; i < at; i++) {
		size_t skipped = at == command->count && i ? wrap_words(command, i, line) : 0;

		if (skipped)
			i += skipped - 1;
		else
			words_add(guarded, "", command->word[i]);
	}
}

static int is_parted(const struct words *command)
{
	for (size_t i = 0; i < command->count; i++)
		if (!strcmp(command->word[i], ":"))
			return 1;
	return 0;
}

static int text_guard(const char *text, const char *name, const char *launcher, char copy[PATH_MAX])
{
	size_t blanks = strncmp(text, "#!", 2) ? 0 : 2 + strspn(text + 2, " \t");

	if (!blanks || text[blanks] == '\n' || !text[blanks])
		return fault_keep("sending the batch script: its first line names no interpreter");
	if (strlen(launcher) > MOST_LINE - 3)
		return fault_keep("sending the batch script: the path %.100s... is too long to be started by it", launcher);
	return copy_make(copy, name, launcher, text);
}

int script_guard(const struct words *command, size_t at, const char *launcher, char copy[PATH_MAX], struct words *guarded)
{
	const char *line = NULL, *name;
	char *text;
	int result;

	if (is_parted(command) || at > command->count)
		return fault_keep("sending the batch script: that of a heterogeneous job cannot run in a container; start "
				  "its steps there, with srun");
	words_before(command, at, guarded, &line);
	name = at < command->count ? command->word[at] : line ? "wrap" : "sbatch";
	text = at < command->count ? text_of_file(command, at) : line ? text_of_wrap(line) : text_of_input();
	result = text ? text_guard(text, name, launcher, copy) : -1;
	free(text);
	if (!result) {
		words_add(guarded, "", copy);
		for (size_t i = at + 1; i < command->count; i++)
			words_add(guarded, "", command->word[i]);
		if (guarded->lost) {
			script_forget(copy);
			result = fault_keep("sending the batch script: memory ran out");
		}
	}
	if (result)
		words_free(guarded);
	return result;
}
