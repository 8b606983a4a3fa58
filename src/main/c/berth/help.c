#include "help.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "../common/message.h"
#include "../common/text.h"

#define OPTION "--help"
#define CANNOT_PRINT 1 /* Fault.java: any fault of a command that runs no program */

static const char *const scripts[][2] = {
	{ "bash", "/share/bash-completion/completions/berth" },
	{ "zsh", "/share/zsh/site-functions/_berth" },
	{ "fish", "/share/fish/vendor_completions.d/berth.fish" },
};

struct path {
	char text[PATH_MAX];
	size_t length;
};

static int path_add(struct path *path, const char *piece)
{
	size_t length = strlen(piece);

	if (path->length + length >= sizeof path->text)
		return -1;
	memcpy(path->text + path->length, piece, length + 1);
	path->length += length;
	return 0;
}

static int is_command(const char *word)
{
	return *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyz")];
}

/* A file is named by the program and the commands below it: berth.job.script. */
static int path_add_commands(struct path *path, char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_command(words[i]) || path_add(path, ".") || path_add(path, words[i]))
			return -1;
	return 0;
}

static int help_find(struct path *path, const char *name, char *const *args)
{
	const char *slash = strrchr(name, '/');
	size_t count = 0;

	while (args[count])
		count++;
	if (path_add(path, "/share/help/") || path_add(path, slash ? slash + 1 : name))
		return -1;
	if (!count)
		return 0;
	if (!strcmp(args[0], "help"))
		return path_add_commands(path, args + 1, count - 1);
	return strcmp(args[count - 1], OPTION) ? -1 : path_add_commands(path, args, count - 1);
}

static int script_find(struct path *path, char *const *args)
{
	if (!args[0] || strcmp(args[0], "completion") || !args[1] || args[2])
		return -1;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
		if (!strcmp(args[1], scripts[i][0]))
			return path_add(path, scripts[i][1]);
	return -1;
}

static int fail(const char *doing, const char *what)
{
	message_keep(doing, what, ": ", text_error(errno), NULL);
	return message_print(CANNOT_PRINT);
}

static int write_all(const char *bytes, size_t count)
{
	while (count) {
		ssize_t written = write(1, bytes, count);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		bytes += written;
		count -= (size_t)written;
	}
	return 0;
}

static int file_print(const char *path, int fd)
{
	char bytes[16384];
	ssize_t count;

	while ((count = read(fd, bytes, sizeof bytes)) > 0)
		if (write_all(bytes, (size_t)count))
			return fail("writing to ", "standard output");
	return count ? fail("reading ", path) : 0;
}

int help_print(const char *root, const char *name, char *const *args)
{
	struct path path = { .length = 0 };
	size_t length;
	int fd, status;

	if (path_add(&path, root))
		return -1;
	length = path.length;
	if (script_find(&path, args)) {
		path.length = length;
		if (help_find(&path, name, args))
			return -1;
	}
	fd = open(path.text, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	status = file_print(path.text, fd);
	close(fd);
	return status;
}
