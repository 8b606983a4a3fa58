#include "plan.h"

#include <limits.h>
#include <sched.h>
#include <string.h>

#include "cpus.h"
#include "ids.h"
#include "text.h"

#define MANY PLAN_MAX_WORDS

static int is_number(const char *word, unsigned long long max)
{
	unsigned long long value;

	return text_number(word, max, &value) == 0;
}

static int is_variable(const char *word)
{
	return *word && !strchr(word, '=');
}

/* SECONDS.NANOSECONDS with nine digits; a time before 1970 has a minus sign. */
static int is_time(const char *word)
{
	const char *point = strchr(word, '.');
	char seconds[TEXT_DECIMAL];

	if (*word == '-')
		word++;
	if (!point || point - word >= (long)sizeof seconds || point < word)
		return 0;
	memcpy(seconds, word, (size_t)(point - word));
	seconds[point - word] = 0;
	return is_number(seconds, LLONG_MAX) && strlen(point + 1) == 9 &&
	       is_number(point + 1, 999999999);
}

static const char *fault_id(char *const *word)
{
	return is_number(word[0], UINT_MAX - 1) ? NULL : "is not a number of a user";
}

static const char *fault_ids(char *const *word)
{
	return is_number(word[0], UINT_MAX - 1) && is_number(word[1], UINT_MAX - 1)
		       ? NULL
		       : "are not the numbers of a user and a group";
}

static const char *fault_stamp(char *const *word)
{
	if (word[0][0] != '/')
		return "has no absolute path";
	if (!is_number(word[1], ULLONG_MAX))
		return "has no inode number";
	if (strcmp(word[2], "-") && !is_number(word[2], LLONG_MAX))
		return "has no size";
	return is_time(word[3]) ? NULL : "has no time SECONDS.NANOSECONDS";
}

static const char *fault_glob(char *const *word)
{
	return *word[0] ? NULL : "is empty";
}

static const char *fault_variable(char *const *word)
{
	return is_variable(word[0]) ? NULL : "is not the name of a variable";
}

/* The names go to the init as one comma list, in which "-" means none. */
static const char *fault_engine_variable(char *const *word)
{
	if (strchr(word[0], ',') || !strcmp(word[0], "-"))
		return "is not a name that can be removed again";
	return fault_variable(word);
}

static const char *fault_fd(char *const *word)
{
	return !strcmp(word[0], "all") || is_number(word[0], INT_MAX) ? NULL
								       : "is not a descriptor";
}

static const char *fault_cpus(char *const *word)
{
	return cpus_read(word[0], NULL) ? NULL : "is not a list of processors";
}

static const char *fault_path(char *const *word)
{
	return word[0][0] == '/' ? NULL : "is not an absolute path";
}

static const char *fault_namespace(char *const *word)
{
	int flags;

	return plan_namespaces(word[0], &flags) ? "is not user,mount with net, ipc or uts behind" : NULL;
}

static const char *fault_share(char *const *word)
{
	return word[0][0] != '/' ? "has no absolute path" : fault_variable(word + 1);
}

static const char *fault_emulate(char *const *word)
{
	return strcmp(word[0], "root") ? "is not root" : NULL;
}

static const char *fault_emulator(char *const *word)
{
	if (strcmp(word[0], "32") && strcmp(word[0], "64"))
		return "is neither 32 nor 64";
	if (strcmp(word[1], "little") && strcmp(word[1], "big"))
		return "is neither little nor big";
	if (!is_number(word[2], 0xffff))
		return "has no number of a machine";
	return word[3][0] == '/' ? NULL : "has no absolute path";
}

static const char *fault_runtime(char *const *word)
{
	if (strcmp(word[0], "crun") && strcmp(word[0], "runc"))
		return "is neither crun nor runc";
	for (int i = 1; i < 4; i++)
		if (word[i][0] != '/' || word[i][strcspn(word[i], "\"\\")])
			return "has a path that is not absolute, or odd";
	return NULL;
}

static const char *fault_root(char *const *word)
{
	if (word[0][0] != '/')
		return "has no absolute path";
	return strcmp(word[1], "ro") && strcmp(word[1], "rw") ? "is neither ro nor rw" : NULL;
}

static const char *fault_join(char *const *word)
{
	return is_number(word[0], INT_MAX) && is_number(word[1], ULLONG_MAX) && strcmp(word[0], "0")
		       ? NULL
		       : "is not a process and when it started";
}

static const char *fault_join_ranks(char *const *word)
{
	return word[0][0] != '/' ? "has no absolute path" : *word[1] ? NULL : "has an empty value";
}

/* The root itself cannot be a target: it is what everything else is mounted on. */
static int is_target(const char *word)
{
	return word[0] == '/' && strspn(word, "/.") < strlen(word);
}

static const char *fault_bind(char *const *word)
{
	unsigned flags;

	if (word[0][0] != '/')
		return "has no absolute source";
	if (!is_target(word[1]))
		return "has no absolute target below the root";
	if (plan_bind_flags(word[2], &flags))
		return "has flags that do not exist or exclude each other";
	return NULL;
}

static const char *fault_tmpfs(char *const *word)
{
	return is_target(word[0]) ? NULL : "has no absolute target below the root";
}

const struct plan_rule plan_rules[PLAN_DIRECTIVES] = {
	[PLAN_UID] = { "uid", 1, 1, 1, 0, fault_id },
	[PLAN_BOOT] = { "boot", 1, 1, 1, 0, NULL },
	[PLAN_NODE] = { "node", 1, 1, 1, 0, NULL },
	[PLAN_STAMP] = { "stamp", 4, 4, 0, 0, fault_stamp },
	[PLAN_MODE] = { "mode", 1, 1, 1, 0, NULL },
	[PLAN_KEEP_ENV] = { "keep-env", 1, 1, 0, 0, fault_glob },
	[PLAN_DROP_ENV] = { "drop-env", 1, 1, 0, 0, fault_glob },
	[PLAN_DEFAULT_ENV] = { "default-env", 2, 2, 0, 0, fault_variable },
	[PLAN_SET_ENV] = { "set-env", 2, 2, 0, 0, fault_variable },
	[PLAN_KEEP_FD] = { "keep-fd", 1, 1, 0, 0, fault_fd },
	[PLAN_KEEP_FD_ENV] = { "keep-fd-env", 1, 1, 0, 0, fault_variable },
	[PLAN_CPUS] = { "cpus", 1, 1, 1, 0, fault_cpus },
	[PLAN_RECORD] = { "record", 1, 1, 1, 0, fault_path },
	[PLAN_WORKDIR] = { "workdir", 1, 1, 1, 0, fault_path },
	[PLAN_PREFIX] = { "prefix", 1, MANY, 1, 0, NULL },
	[PLAN_COMMAND] = { "command", 1, MANY, 1, 0, NULL },
	[PLAN_AFTER] = { "after", 1, MANY, 1, 0, NULL },
	[PLAN_NAMESPACE] = { "namespace", 1, 1, 1, PLAN_NAMESPACE, fault_namespace },
	[PLAN_IDENTITY] = { "identity", 2, 2, 1, PLAN_NAMESPACE, fault_ids },
	[PLAN_SUBIDS] = { "subids", IDS_WORDS, IDS_WORDS, 1, PLAN_NAMESPACE, ids_fault },
	[PLAN_BECOME] = { "become", 2, 2, 1, PLAN_NAMESPACE, fault_ids },
	[PLAN_SHARE] = { "share", 2, 2, 1, PLAN_NAMESPACE, fault_share },
	[PLAN_JOIN] = { "join", 2, 2, 1, PLAN_NAMESPACE, fault_join },
	[PLAN_JOIN_RANKS] = { "join-ranks", 2, 2, 1, PLAN_NAMESPACE, fault_join_ranks },
	[PLAN_ROOT] = { "root", 2, 2, 1, PLAN_NAMESPACE, fault_root },
	[PLAN_BIND] = { "bind", 3, 3, 0, PLAN_NAMESPACE, fault_bind },
	[PLAN_TMPFS] = { "tmpfs", 2, 2, 0, PLAN_NAMESPACE, fault_tmpfs },
	[PLAN_EMULATE] = { "emulate", 1, 1, 1, PLAN_NAMESPACE, fault_emulate },
	[PLAN_EMULATOR] = { "emulator", 4, 4, 1, PLAN_NAMESPACE, fault_emulator },
	[PLAN_RUNTIME] = { "runtime", 4, 4, 1, PLAN_NAMESPACE, fault_runtime },
	[PLAN_ENGINE] = { "engine", 1, MANY, 1, PLAN_ENGINE, fault_path },
	[PLAN_ENGINE_ENV] = { "engine-env", 2, 2, 0, PLAN_ENGINE, fault_engine_variable },
	[PLAN_ENGINE_INIT] = { "engine-init", 1, 1, 1, PLAN_ENGINE, fault_path },
	[PLAN_ENGINE_INSIDE] = { "engine-inside", 1, 1, 1, PLAN_ENGINE, fault_path },
	[PLAN_FAKE] = { "fake", 1, 1, 1, PLAN_FAKE, fault_path },
};

int plan_namespaces(const char *text, int *flags)
{
	static const struct {
		const char *name;
		int flag;
	} more[] = { { ",net", CLONE_NEWNET }, { ",ipc", CLONE_NEWIPC }, { ",uts", CLONE_NEWUTS } };
	const char *rest = text_after(text, "user,mount");

	*flags = CLONE_NEWUSER | CLONE_NEWNS;
	while (rest && *rest) {
		const char *next = NULL;

		for (size_t i = 0; i < sizeof more / sizeof *more && !next; i++) {
			next = text_after(rest, more[i].name);
			if (next && (*flags & more[i].flag))
				return -1;
			if (next)
				*flags |= more[i].flag;
		}
		rest = next;
	}
	return rest ? 0 : -1;
}

int plan_bind_flags(const char *text, unsigned *flags)
{
	static const char *const names[] = { "ro",    "rw",	"rec",	 "optional", "nosuid",
					     "nodev", "noexec", "cover", "slave",    "unbindable" };
	const unsigned count = sizeof names / sizeof *names;

	*flags = 0;
	for (;;) {
		size_t length = strcspn(text, ",");
		unsigned i = 0;

		while (i < count && (strlen(names[i]) != length || memcmp(names[i], text, length)))
			i++;
		if (i == count || (*flags & 1U << i))
			return -1;
		*flags |= 1U << i;
		if (!text[length])
			break;
		text += length + 1;
	}
	return (*flags & PLAN_BIND_RO) && (*flags & PLAN_BIND_RW) ? -1 : 0;
}
