#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../common/sys.h"
#include "../common/text.h"
#include "fake.h"
#include "patch.h"
#include "path.h"
#include "program.h"

/* Linux follows no more interpreters that are scripts. */
#define LEVELS 5
#define FRONT_MAX (3 * LEVELS + 1)
#define PROGRAM_VARIABLE "BERTH_FAKE_PROGRAM="
#define LIBRARY_VARIABLE "LD_LIBRARY_PATH="

struct exec {
	const struct fake *fake;
	fake_become *become;
	void *what;
	char *const *env;
	const char *file;	      /* as the container calls it */
	const char *front[FRONT_MAX]; /* words before REST */
	size_t fronts;
	char *const *rest;
	struct program program;
	char host[PATH_MAX];
	char line[LEVELS][PROGRAM_LINE];
};

static int refuse(const char *file, const char *why, const char *hint)
{
	const char *pieces[] = { "berth: starting ", file, " in the container: ", why, "\n  ", hint, "\n" };
	char text[PATH_MAX + 512];
	size_t length = 0;

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		size_t bytes = strlen(pieces[i]);

		if (bytes > sizeof text - length)
			bytes = sizeof text - length;
		memcpy(text + length, pieces[i], bytes);
		length += bytes;
	}
	sys_call(SYS_write, 2, sys_pointer(text), (long)length, 0, 0);
	return EACCES;
}

static size_t words_count(char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

static size_t words_add(char **list, size_t count, char *const *words)
{
	while (words && *words)
		list[count++] = *words++;
	return count;
}

/* Puts INTERPRETER [ARGUMENT] FILE in the place of the first word. */
static void front_put(struct exec *exec, const char *interpreter, const char *argument)
{
	size_t more = argument ? 2 : 1;

	memmove(exec->front + more + 1, exec->front + 1, (exec->fronts - 1) * sizeof *exec->front);
	exec->front[0] = interpreter;
	if (argument)
		exec->front[1] = argument;
	exec->front[more] = exec->file;
	exec->fronts += more;
	exec->file = interpreter;
}

/* From scripts to the program that runs them; 0, or an errno. */
static int program_find(struct exec *exec)
{
	for (size_t level = 0;; level++) {
		const char *interpreter, *argument;
		int error = fake_host(exec->fake, exec->file, exec->host);

		if (!error)
			error = program_look(&exec->program, exec->host);
		if (error || exec->program.kind != PROGRAM_SCRIPT)
			return error;
		if (level == LEVELS)
			return ELOOP;
		memcpy(exec->line[level], exec->program.interpreter, PROGRAM_LINE);
		error = program_script(exec->line[level], &interpreter, &argument);
		if (error)
			return error;
		front_put(exec, interpreter, argument);
	}
}

static size_t front_add(const struct exec *exec, char **list, size_t count, size_t from)
{
	for (size_t i = from; i < exec->fronts; i++)
		list[count++] = (char *)exec->front[i];
	return count;
}

static int is_setting(const char *variable)
{
	for (size_t i = 0; i < FAKE_SETTINGS; i++)
		if (text_after(variable, fake_names[i]))
			return 1;
	return text_after(variable, PROGRAM_VARIABLE) != NULL;
}

static const char *variable(char *const *env, const char *name)
{
	for (; env && *env; env++) {
		const char *value = text_after(*env, name);

		if (value)
			return value;
	}
	return "";
}

/* What a new environment is made of; all on the stack of who makes it. */
struct env_parts {
	char *preload;
	char *library; /* NULL: as it is */
	char *program;
};

static char **env_make(const struct exec *exec, const struct env_parts *parts, char **list)
{
	size_t count = 0;

	for (char *const *env = exec->env; env && *env; env++) {
		if (is_setting(*env) || (parts->library && text_after(*env, LIBRARY_VARIABLE)))
			continue;
		list[count++] = *env;
	}
	for (size_t i = 0; i < FAKE_SETTINGS; i++)
		if (exec->fake->value[i] && i != FAKE_PRELOAD)
			list[count++] = (char *)exec->fake->value[i] - strlen(fake_names[i]);
	list[count++] = parts->preload;
	if (parts->library && parts->library[sizeof LIBRARY_VARIABLE - 1])
		list[count++] = parts->library;
	if (parts->program)
		list[count++] = parts->program;
	list[count] = NULL;
	return list;
}

/* DRIVERS, then LIST as the host has it, then LAST; to START, whose room search_room tells. */
static void search_write(const struct fake *fake, const char *list, const char *last, char *start)
{
	char *end = fake_list_add(start, start, fake->value[FAKE_DRIVERS]);
	char *more = end == start ? end : end + 1;
	char *stop = fake_list_host(fake, list, ":;", fake->value[FAKE_DRIVERS], more);

	if (stop != more && more != end)
		*end = ':';
	else if (stop == more)
		stop = end;
	fake_list_add(start, stop, last);
}

static size_t length_of(const char *text)
{
	return text ? strlen(text) : 0;
}

static size_t search_room(const struct fake *fake, const char *list)
{
	return length_of(fake->value[FAKE_DRIVERS]) + fake_list_room(fake, list) +
	       strlen(fake->value[FAKE_LIBRARIES]) + 3;
}

/* Ours first; what the program has added, as the host has it. */
static void preload_write(const struct fake *fake, const char *theirs, char *out)
{
	const char *ours = fake->value[FAKE_PRELOAD];
	char *end;

	strcpy(out, fake_names[FAKE_PRELOAD]);
	strcat(out, ours);
	end = out + strlen(out);
	if (fake_list_host(fake, theirs, ": ", ours, end + 1) != end + 1)
		*end = ':';
}

/*
 * Does FILE with WORDS in an environment with our settings. LIBRARY is what the loader that the
 * kernel starts has to search, PROGRAM what another loader starts; either may be NULL.
 */
static int inside_do(const struct exec *exec, const char *file, char **words, const char *library,
		     const char *program)
{
	const struct fake *fake = exec->fake;
	const char *theirs = variable(exec->env, fake_names[FAKE_PRELOAD]);
	char preload[sizeof "LD_PRELOAD=" + strlen(fake->value[FAKE_PRELOAD]) +
		     fake_list_room(fake, theirs) + 1];
	char libraries[sizeof LIBRARY_VARIABLE + search_room(fake, library ? library : "")];
	char behind[sizeof PROGRAM_VARIABLE + length_of(program)];
	char *list[words_count(exec->env) + FAKE_SETTINGS + 4];
	struct env_parts parts = { preload, library ? libraries : NULL, program ? behind : NULL };

	preload_write(fake, theirs, preload);
	strcpy(libraries, LIBRARY_VARIABLE);
	if (library)
		search_write(fake, library, NULL, libraries + strlen(libraries));
	strcpy(behind, PROGRAM_VARIABLE);
	if (program)
		strcat(behind, program);
	return exec->become(exec->what, file, words, env_make(exec, &parts, list));
}

/* The program as it is: its own interpreter is the tree's loader. */
static int direct_do(const struct exec *exec)
{
	char *words[exec->fronts + words_count(exec->rest) + 1];
	size_t count = front_add(exec, words, 0, 0);

	words[words_add(words, count, exec->rest)] = NULL;
	return inside_do(exec, exec->host, words, variable(exec->env, LIBRARY_VARIABLE), NULL);
}

/* The tree's loader with OPTIONS, then HOST when given, FRONT from FROM on, and REST. */
static int loader_do(const struct exec *exec, const char *library, char *const *options,
		     const char *host, size_t from, char *const *rest)
{
	const struct fake *fake = exec->fake;
	char search[search_room(fake, library)];
	char *words[8 + words_count(options) + exec->fronts + words_count(rest)];
	size_t count = 0;

	search_write(fake, library, fake->value[FAKE_LIBRARIES], search);
	words[count++] = (char *)fake->value[FAKE_LOADER];
	words[count++] = (char[]){ "--library-path" };
	words[count++] = search;
	count = words_add(words, count, options);
	if (host)
		words[count++] = (char *)host;
	count = front_add(exec, words, count, from);
	words[words_add(words, count, rest)] = NULL;
	return inside_do(exec, words[0], words, NULL, host);
}

static int dynamic_do(const struct exec *exec)
{
	char *options[] = { (char[]){ "--argv0" }, (char *)exec->front[0], NULL };

	return loader_do(exec, variable(exec->env, LIBRARY_VARIABLE),
			 exec->fake->value[FAKE_ARGV0] ? options : NULL, exec->host, 1, exec->rest);
}

static int has_value(const char *option)
{
	return !strcmp(option, "--preload") || !strcmp(option, "--argv0") ||
	       !strcmp(option, "--audit") || !strcmp(option, "--inhibit-rpath") ||
	       text_after(option, "--glibc-hwcaps");
}

/* The container's loader as a command, with a program of the container (ldd does so). */
static int loader_command_do(struct exec *exec)
{
	const char *library = variable(exec->env, LIBRARY_VARIABLE);
	char *options[words_count(exec->rest) + 1];
	char *const *word = exec->rest;
	size_t count = 0;
	int error;

	for (; *word && **word == '-'; word++) {
		int two = !strcmp(*word, "--library-path") || has_value(*word);

		if (two && !word[1])
			break;
		if (!strcmp(*word, "--library-path"))
			library = word[1];
		else
			options[count++] = *word;
		if (has_value(*word))
			options[count++] = word[1];
		word += two;
	}
	options[count] = NULL;
	if (!*word)
		return loader_do(exec, library, options, NULL, exec->fronts, word);
	error = fake_host(exec->fake, *word, exec->host);
	return error ? error
		     : loader_do(exec, library, options, exec->host, exec->fronts, word + 1);
}

static int hex(char digit)
{
	return digit <= '9' ? digit - '0' : digit - 'A' + 10;
}

/* Decodes the next word of BERTH_FAKE_STATIC at *AT to OUT; returns its end. */
static char *static_word(const char **at, const char *here, char *out)
{
	if (text_after(*at, "{cwd}") && (!(*at)[5] || (*at)[5] == ' ')) {
		*at += 5;
		strcpy(out, here);
		out += strlen(out);
	}
	for (; **at && **at != ' '; ++*at) {
		if (**at == '%' && (*at)[1] && (*at)[1] != ' ' && (*at)[2]) {
			*out++ = (char)(hex((*at)[1]) * 16 + hex((*at)[2]));
			*at += 2;
		} else if (**at != '%') {
			*out++ = **at;
		}
	}
	*at += strspn(*at, " ");
	*out++ = 0;
	return out;
}

/* PATH entries of the host as the container names them, where they are longer: in place. */
static void list_narrow(const struct fake *fake, char *list)
{
	const char *base = fake->value[FAKE_BASE];
	size_t length = strlen(base);

	for (char *at = list; *at; at += strcspn(at, ":"), at += *at == ':')
		if (!strncmp(at, base, length) && at[length] == '/')
			memmove(at, at + length, strlen(at + length) + 1);
}

/* What leads a static program: variables, then words. */
struct prefix {
	char **env;
	char **words;
	size_t variables;
	size_t count;
};

static void prefix_read(struct prefix *prefix, const char *text, const char *here, char *room)
{
	while (*text) {
		char *word = room;

		room = static_word(&text, here, room);
		if (!prefix->count && strchr(word, '=') && *word != '/')
			prefix->env[prefix->variables++] = word;
		else
			prefix->words[prefix->count++] = word;
	}
}

/* The environment of a program that is started through another mode: nothing of this one. */
static size_t outside_env(const struct exec *exec, char **list, size_t count, char *library)
{
	for (char *const *env = exec->env; env && *env; env++)
		if (!is_setting(*env) && !text_after(*env, "FAKECHROOT") &&
		    !text_after(*env, LIBRARY_VARIABLE))
			list[count++] = *env;
	if (library[sizeof LIBRARY_VARIABLE - 1])
		list[count++] = library;
	list[count] = NULL;
	return count;
}

static int static_do(const struct exec *exec)
{
	const struct fake *fake = exec->fake;
	const char *text = length_of(fake->value[FAKE_STATIC]) ? fake->value[FAKE_STATIC] : "";
	const char *library = variable(exec->env, LIBRARY_VARIABLE);
	size_t words_max = strlen(text) / 2 + 2;
	char here[PATH_MAX], program[PATH_MAX];
	char room[strlen(text) + sizeof here + 2];
	char libraries[sizeof LIBRARY_VARIABLE + strlen(library)];
	char *env[words_count(exec->env) + words_max + 2];
	char *words[words_max + exec->fronts + words_count(exec->rest) + 2];
	struct prefix prefix = { env, words, 0, 0 };
	int error = fake_inside(fake, ".", here);

	if (!error)
		error = fake_inside(fake, exec->file, program);
	if (error)
		return error;
	prefix_read(&prefix, text, here, room);
	if (!prefix.count)
		return refuse(program,
			      exec->program.kind == PROGRAM_STATIC
				      ? "it is a static program"
				      : "it is not for the container's loader (32 bits, or another libc)",
			      "this mode (F) cannot keep it inside; use one of the others (P, R)");
	strcpy(libraries, LIBRARY_VARIABLE);
	strcat(libraries, library);
	list_narrow(fake, libraries + sizeof LIBRARY_VARIABLE - 1);
	outside_env(exec, env, prefix.variables, libraries);
	words[prefix.count++] = program;
	prefix.count = front_add(exec, words, prefix.count, 1);
	words[words_add(words, prefix.count, exec->rest)] = NULL;
	return exec->become(exec->what, words[0], words, env);
}

/* The kernel would give it another user, and its loader then no preloads. */
static int is_foreign_setuid(const struct stat *file)
{
	return ((file->st_mode & S_ISUID) &&
		file->st_uid != (uid_t)sys_call(SYS_getuid, 0, 0, 0, 0, 0)) ||
	       ((file->st_mode & S_ISGID) &&
		file->st_gid != (gid_t)sys_call(SYS_getgid, 0, 0, 0, 0, 0));
}

static int is_direct(const struct exec *exec)
{
	const char *mode = exec->fake->value[FAKE_MODE];

	return (!strcmp(mode, "F3") || !strcmp(mode, "F4")) &&
	       !strcmp(exec->program.interpreter, exec->fake->value[FAKE_LOADER]) &&
	       !is_foreign_setuid(&exec->program.file);
}

static int program_do(struct exec *exec)
{
	const struct fake *fake = exec->fake;

	if (exec->program.kind == PROGRAM_STATIC || exec->program.kind == PROGRAM_FOREIGN)
		return static_do(exec);
	if (!fake_preloads(fake))
		return refuse(exec->file, "a library that keeps it inside is gone",
			      fake->value[FAKE_PRELOAD]);
	if (exec->program.kind == PROGRAM_LOADER)
		return loader_command_do(exec);
	if (!strcmp(fake->value[FAKE_MODE], "F4") && fake->value[FAKE_PATCHELF] &&
	    strcmp(exec->program.interpreter, fake->value[FAKE_LOADER]) &&
	    !fake_patch(fake, exec->host) && program_look(&exec->program, exec->host))
		return ENOENT;
	return is_direct(exec) ? direct_do(exec) : dynamic_do(exec);
}

int fake_exec(const struct fake *fake, const char *file, char *const *words, char *const *env,
	      fake_become *become, void *what)
{
	struct exec exec = { .fake = fake, .become = become, .what = what, .env = env };
	int error;

	if (fake->program && !strcmp(file, "/proc/self/exe"))
		file = fake->program;
	exec.file = file;
	exec.front[exec.fronts++] = words && words[0] ? words[0] : "";
	exec.rest = words && words[0] ? words + 1 : (char *const[]){ NULL };
	error = program_find(&exec);
	return error ? error : program_do(&exec);
}
