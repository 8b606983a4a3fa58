#include "jvm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/message.h"
#include "../common/run.h"
#include "../common/text.h"

#define FRONT "BERTH_FRONT_"
#define LAUNCHER "/bin/berth"
#define JAVA "/runtime/bin/java"

/* Jar and cache carry the build they belong to: a cache of another jar silently runs old code. */
#define BUILD "/lib/berth-" BERTH_BUILD_ID

/* These have classes that the others do not start with: archives, registries, stages. */
static const char *const bulk_commands[] = { "pull", "create", "load",	 "import", "export",
					     "save", "clone",  "verify", "node", "job",
					     "login", "logout", "search", "manifest" };

/* These hash at once (C1 alone has no SHA intrinsics); the others say so when there is much. */
static const char *const much_commands[] = { "pull" };

/* These hand words on to a program, which may be any bytes. */
static const char *const byte_commands[] = { "run", "exec", "explain" };
static const char *const program_commands[] = { "run", "exec" };

static const char *const much_options[] = { "-Xmx160m", NULL };
static const char *const quick_options[] = { "-Xmx96m", "-XX:TieredStopAtLevel=1", NULL };

static const char *const always_options[] = {
	/* what it would warn of (cgroups it cannot read, a cache it refuses) is nothing to a user */
	"-Xlog:disable",
	"-Xlog:all=error:stderr",
	"-Xlog:aot*=off:stderr",
	"-XX:+DisplayVMOutputToStderr",
	"-XX:-UseContainerSupport",
	"-XX:+UseSerialGC",
	/* fewer page faults at start */
	"-XX:+UseTransparentHugePages",
	"-XX:-UsePerfData",
	"-XX:+UnlockDiagnosticVMOptions",
	"-XX:-AOTReplayTraining",
	"--sun-misc-unsafe-memory-access=allow",
	"--enable-native-access=ALL-UNNAMED",
	/* the JDK logs the start of a process, Quarkus must find its own manager there by then */
	"-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
	NULL,
};

/* The JVM's own variables would print a line and change what was tuned. */
static const char *const dropped[] = { "JAVA_TOOL_OPTIONS=", "_JAVA_OPTIONS=", "JDK_JAVA_OPTIONS=",
				       "LC_ALL=", FRONT };

struct list {
	char **at;
	size_t count;
	size_t room;
	int failed;
};

static void list_add(struct list *list, char *word)
{
	if (list->count + 1 >= list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		char **more = realloc(list->at, room * sizeof *more);

		list->failed |= !more;
		if (!more)
			return;
		list->at = more;
		list->room = room;
	}
	list->failed |= !word;
	list->at[list->count++] = word;
	list->at[list->count] = NULL;
}

static void list_join(struct list *list, const char *one, const char *two, const char *three)
{
	char *word = malloc(strlen(one) + strlen(two) + strlen(three) + 1);

	if (word)
		strcat(strcat(strcpy(word, one), two), three);
	list_add(list, word);
}

static void list_options(struct list *list, const char *const *options)
{
	for (; *options; options++)
		list_join(list, *options, "", "");
}

static char **list_done(struct list *list)
{
	if (!list->failed)
		return list->at;
	message_keep("starting Java: out of memory", NULL);
	return NULL;
}

int jvm_root(char root[JVM_ROOT_ROOM])
{
	ssize_t length = readlink("/proc/self/exe", root, JVM_ROOT_ROOM - 1);
	size_t tail = sizeof LAUNCHER - 1;
	char *slash;

	if (length < 0)
		return message_keep("finding the folder of berth: ", text_error(errno), NULL);
	root[length] = 0;
	slash = strrchr(root, '/');
	if ((size_t)length <= tail || slash - root < 4 || memcmp(slash - 4, "/bin", 4))
		return message_keep("finding the folder of berth: ", root,
				    " is not in a bin folder", NULL);
	slash[-4] = 0;
	return 0;
}

const char *jvm_command(char *const *args)
{
	for (; *args; args++) {
		char first = **args;

		if ((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z'))
			return *args;
	}
	return "";
}

static int is_among(const char *command, const char *const *commands, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(commands[i], command))
			return 1;
	return 0;
}

int jvm_is_bulk(char *const *args)
{
	return is_among(jvm_command(args), bulk_commands,
			sizeof bulk_commands / sizeof *bulk_commands);
}

int jvm_does_much(char *const *args)
{
	return is_among(jvm_command(args), much_commands,
			sizeof much_commands / sizeof *much_commands);
}

int jvm_runs_program(char *const *args)
{
	return is_among(jvm_command(args), program_commands,
			sizeof program_commands / sizeof *program_commands);
}

static int is_there(const char *root, const char *file)
{
	char path[JVM_ROOT_ROOM + 64];
	struct stat entry;

	if (strlen(root) + strlen(file) >= sizeof path)
		return 0;
	return !stat(strcat(strcpy(path, root), file), &entry);
}

/* For debugging: BERTH_JAVA_OPTS, split at blanks. */
static void list_extra(struct list *list)
{
	const char *options = getenv("BERTH_JAVA_OPTS");

	while (options && *options) {
		size_t length;

		options += strspn(options, " \t\n");
		length = strcspn(options, " \t\n");
		if (length)
			list_add(list, strndup(options, length));
		options += length;
	}
}

/* The bytes of the UTF-8 character at AT; 0 when it is none. */
static size_t utf8_bytes(const unsigned char *at)
{
	size_t bytes = *at < 0x80 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;

	if ((bytes > 1 && *at < 0xc2) || *at > 0xf4)
		return 0;
	if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
	    (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
		return 0;
	for (size_t i = 1; i < bytes; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return bytes;
}

/* U+10FF80 to U+10FFFF stand for single bytes (RawBytes.java). */
static int is_stand_in(const unsigned char *at, size_t bytes)
{
	return bytes == 4 && at[0] == 0xf4 && at[1] == 0x8f && at[2] >= 0xbe;
}

static int is_text(const char *word)
{
	const unsigned char *at = (const unsigned char *)word;

	while (*at) {
		size_t bytes = utf8_bytes(at);

		if (!bytes || is_stand_in(at, bytes))
			return 0;
		at += bytes;
	}
	return 1;
}

/* Java would read a byte that is not UTF-8 as U+FFFD, and the program would get that. */
static char *text_of(const char *word)
{
	const unsigned char *at = (const unsigned char *)word;
	char *text = malloc(4 * strlen(word) + 1), *end = text;

	if (!text)
		return NULL;
	while (*at) {
		size_t bytes = utf8_bytes(at);

		if (bytes && !is_stand_in(at, bytes)) {
			memcpy(end, at, bytes);
			end += bytes;
			at += bytes;
			continue;
		}
		*end++ = (char)0xf4;
		*end++ = (char)0x8f;
		*end++ = (char)(0xbc | *at >> 6);
		*end++ = (char)(0x80 | (*at & 0x3f));
		at++;
	}
	*end = 0;
	return text;
}

/* Adds ARGS as Java can read them; -1 with a message. */
static int list_args(struct list *list, char *const *args)
{
	int takes_bytes = is_among(jvm_command(args), byte_commands,
				   sizeof byte_commands / sizeof *byte_commands);

	for (; *args; args++) {
		if (!is_text(*args) && !takes_bytes) {
			message_keep("reading the command line: an argument is not UTF-8 text",
				     NULL);
			message_hint("hand such bytes on in a variable (--env NAME), or in a file",
				     NULL);
			return -1;
		}
		list_add(list, is_text(*args) ? *args : text_of(*args));
	}
	return 0;
}

char **jvm_words(const char *root, char *const *args, int much)
{
	struct list list = { .at = NULL };
	const char *cache;

	if (!is_there(root, JAVA)) {
		message_keep("starting Java: ", root, JAVA " is missing", NULL);
		message_hint("install berth again: its bin, lib and runtime belong together",
			     NULL);
		return NULL;
	}
	list_join(&list, root, JAVA, "");
	cache = much || jvm_is_bulk(args) ? BUILD ".aot" : BUILD "-quick.aot";
	if (is_there(root, cache))
		list_join(&list, "-XX:AOTCache=", root, cache);
	list_options(&list, always_options);
	list_options(&list, much ? much_options : quick_options);
	list_join(&list, "-Djffi.boot.library.path=", root, "/lib/native");
	list_join(&list, "-DZstdNativePath=", root, "/lib/native/libzstd-jni.so");
	list_extra(&list);
	list_join(&list, "-cp", "", "");
	list_join(&list, root, BUILD, ".jar");
	list_join(&list, "io.berth.boot.Main", "", "");
	return list_args(&list, args) ? NULL : list_done(&list);
}

static void env_number(struct list *list, const char *name, long long value)
{
	char number[TEXT_DECIMAL];

	list_join(list, name, "=", text_decimal(number, value));
}

static void env_groups(struct list *list)
{
	int count = getgroups(0, NULL);
	gid_t *groups = calloc((size_t)(count > 0 ? count : 0) + 1, sizeof *groups);
	char *text = calloc((size_t)(count > 0 ? count : 0) + 1, TEXT_DECIMAL);
	char number[TEXT_DECIMAL];
	size_t length = 0;

	if (groups && text)
		count = getgroups(count, groups);
	for (int i = 0; groups && text && i < count; i++) {
		text_decimal(number, groups[i]);
		if (length)
			text[length++] = ' ';
		strcpy(text + length, number);
		length += strlen(number);
	}
	if (text)
		list_join(list, FRONT "GROUPS", "=", text);
	list->failed |= !text || !groups;
	free(groups);
	free(text);
}

static void env_umask(struct list *list)
{
	mode_t mask = umask(0);
	char octal[] = "0000";

	umask(mask);
	for (int i = 0; i < 4; i++)
		octal[3 - i] = (char)('0' + (mask >> 3 * i & 7));
	list_join(list, FRONT "UMASK", "=", octal);
}

static void env_terminal(struct list *list)
{
	char terminals[4] = "";
	struct winsize size;
	size_t length = 0;

	for (int fd = 0; fd < 3; fd++)
		if (isatty(fd))
			terminals[length++] = (char)('0' + fd);
	terminals[length] = 0;
	list_join(list, FRONT "TTY", "=", terminals);
	if ((!ioctl(2, TIOCGWINSZ, &size) || !ioctl(1, TIOCGWINSZ, &size)) && size.ws_col)
		env_number(list, FRONT "COLUMNS", size.ws_col);
	if ((!ioctl(1, TIOCGWINSZ, &size) || !ioctl(2, TIOCGWINSZ, &size)) && size.ws_row)
		env_number(list, FRONT "LINES", size.ws_row);
}

static int is_dropped(const char *variable)
{
	for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
		if (text_after(variable, dropped[i]))
			return 1;
	return 0;
}

char **jvm_env(const char *root, const char *name, int answer, int much, char *const *env,
	       char *const *hidden)
{
	const char *locale = run_variable(env, "LC_ALL"), *slash = strrchr(name, '/');
	struct list list = { .at = NULL };

	for (; *env; env++)
		if (!is_dropped(*env))
			list_add(&list, *env);
	/* In LC_ALL=C, as batch jobs often have it, the JVM cannot use names beyond ASCII. */
	list_join(&list, "LC_ALL=C.UTF-8", "", "");
	if (locale)
		list_join(&list, FRONT "LC_ALL", "=", locale);
	env_number(&list, FRONT "FD", answer);
	if (!much)
		list_join(&list, FRONT "QUICK", "=", "1");
	env_number(&list, FRONT "UID", geteuid());
	env_number(&list, FRONT "GID", getegid());
	env_groups(&list);
	env_umask(&list);
	env_terminal(&list);
	list_join(&list, FRONT "NAME", "=", slash ? slash + 1 : name);
	list_join(&list, FRONT "HOME", "=", root);
	for (; hidden && *hidden; hidden++)
		list_add(&list, *hidden);
	return list_done(&list);
}
