#include "run.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "text.h"

#define PATH_ROOM 4352

/* What execvp(3) uses when there is no PATH. */
#define DEFAULT_PATH "/bin:/usr/bin"

const char *run_variable(char *const *env, const char *name)
{
	for (; *env; env++) {
		const char *rest = text_after(*env, name);

		if (rest && *rest == '=')
			return rest + 1;
	}
	return NULL;
}

static const struct run_way *changed;

void run_change(const struct run_way *way)
{
	changed = way;
}

static int exec_file(const char *file, char *const *words, char *const *env)
{
	if (changed)
		return changed->become(file, words, env);
	execve(file, words, env);
	return errno;
}

static int file_exists(const char *file)
{
	struct stat entry;

	return changed ? changed->exists(file) : !stat(file, &entry);
}

/* Only after a failed exec, where the time does not matter any more. */
static int failure_explain(const char *program, const char *file, int error)
{
	if (error == ENOENT && file_exists(file)) {
		message_keep("starting ", program, " in the container: ", file,
			     " is there, but the interpreter or loader that it names is not", NULL);
		return RUN_NOT_EXECUTABLE;
	}
	message_keep("starting ", program, " in the container: ", text_error(error), NULL);
	if (error == ENOEXEC)
		message_hint("look at its first bytes: a script has to begin with #!, a program "
			     "has to be built for this kind of processor", NULL);
	return error == ENOENT || error == ENOTDIR ? RUN_NOT_FOUND : RUN_NOT_EXECUTABLE;
}

/*
 * Writes "FOLDER/PROGRAM" for the PATH entry at *PATH and steps over it; -1 when that is too long.
 */
static int path_next(const char **path, const char *program, char file[PATH_ROOM])
{
	size_t length = 0;
	int fits = 1;

	for (; **path && **path != ':'; (*path)++) {
		if (length < PATH_ROOM - 2)
			file[length++] = **path;
		else
			fits = 0;
	}
	if (length)
		file[length++] = '/'; /* an empty entry is the working folder */
	for (; *program && length < PATH_ROOM - 1; program++)
		file[length++] = *program;
	file[length] = 0;
	return fits && !*program ? 0 : -1;
}

/* Nothing could be started: is there a file that is the reason? */
static int path_explain(const char *path, char *const *words, char *const *env)
{
	const char *at = path;
	char file[PATH_ROOM];

	for (;; at++) {
		if (!path_next(&at, words[0], file) && file_exists(file))
			return failure_explain(words[0], file, exec_file(file, words, env));
		if (!*at)
			break;
	}
	message_keep("starting ", words[0], " in the container: not found in PATH", NULL);
	message_hint("name it by its path inside the container; PATH there is ", path, NULL);
	return RUN_NOT_FOUND;
}

/* Tries each folder with execve itself: under ptrace every further call would cost. */
static int path_search(const char *path, char *const *words, char *const *env)
{
	const char *at = path;
	char file[PATH_ROOM];

	for (;; at++) {
		if (!path_next(&at, words[0], file)) {
			int error = exec_file(file, words, env);

			if (error != ENOENT && error != ENOTDIR && error != EACCES &&
			    error != ENAMETOOLONG)
				return failure_explain(words[0], file, error);
		}
		if (!*at)
			return path_explain(path, words, env);
	}
}

int run_program(char *const *words, char *const *env)
{
	const char *path = run_variable(env, "PATH");

	if (strchr(words[0], '/'))
		return failure_explain(words[0], words[0], exec_file(words[0], words, env));
	if (!words[0][0]) {
		message_keep("starting a program in the container: its name is empty", NULL);
		return RUN_NOT_FOUND;
	}
	return path_search(path ? path : DEFAULT_PATH, words, env);
}
