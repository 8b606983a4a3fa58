#include "options.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "fault.h"
#include "mounts.h"

/* What one variable of the step may hold is limited by the kernel to 128 KiB, here three times as long encoded. */
#define MOST_VALUE 32768

const struct option_form option_forms[OPTION_COUNT] = {
	[OPTION_IMAGE] = { "image", "[USER@][REGISTRY#]IMAGE[:TAG|@DIGEST]|PATH",
			   "run the step's tasks in a container of this image", 0 },
	[OPTION_MOUNTS] = { "mounts", "SRC:DST[:FLAGS][,...]",
			    "show files and folders of the node inside; umount:DST hides one", 0 },
	[OPTION_WORKDIR] = { "workdir", "PATH", "working directory inside", 0 },
	[OPTION_ENV] = { "env", "NAME[,NAME...]", "variables whose value outside counts more than the image's",
			 0 },
	[OPTION_MODE] = { "mode", "MODE", "how to make the container: auto, R1-R3, P1, P2, F1-F4 or S1; per-node: nodes may differ", 0 },
	[OPTION_HOME] = { "mount-home", NULL, "show your home folder inside", 0 },
	[OPTION_NO_HOME] = { "mount-home", NULL, "do not show your home folder inside", 1 },
	[OPTION_ROOT] = { "remap-root", NULL, "look like root inside (not for MPI with PMIx)", 0 },
	[OPTION_NO_ROOT] = { "remap-root", NULL, "be yourself inside", 1 },
	[OPTION_ENTRYPOINT] = { "entrypoint", NULL, "start the image's entry point with the command", 0 },
	[OPTION_NO_ENTRYPOINT] = { "entrypoint", NULL, "start the command alone", 1 },
	[OPTION_READONLY] = { "readonly", NULL, "do not let the image's files be changed", 0 },
	[OPTION_WRITABLE] = { "writable", NULL, "let the step change the image's files, in its own copy", 0 },
	[OPTION_NAME] = { "name", "NAME[:auto|create|exec|no_exec]",
			  "keep the files for the next steps, under this name; JOB.STEP joins a running step", 0 },
	[OPTION_SAVE] = { "save", "PATH", "write the files to a squashfs file when the step has ended", 0 },
	[OPTION_UNSHARE] = { "unshare", "net|ipc|uts[,...]", "what is the container's own beside its files", 0 },
	[OPTION_ENTRYPOINT_LOG] = { "entrypoint-log", NULL, "show what the entry point prints (always so)", 0 },
	[OPTION_BATCH] = { "batch", NULL, "sbatch: run the script itself in the container too", 0 },
	[OPTION_NO_BATCH] = { "batch", NULL, "sbatch: run the script on the host, its steps in the container", 1 },
	[OPTION_EXPLAIN] = { "explain", NULL, "tell for each node how the container is made, and why", 0 },
};

void option_name(char *out, size_t room, const char *prefix, enum option_id id)
{
	const struct option_form *form = &option_forms[id];

	snprintf(out, room, "%s%s-%s", form->negative ? "no-" : "", prefix, form->name);
}

static int options_set(struct options *options, enum option_id id, const char *value)
{
	char *copy = strdup(value ? value : "");

	if (!copy)
		return fault_keep("%s: memory ran out", options->from[id]);
	free(options->value[id]);
	options->value[id] = copy;
	return 0;
}

int options_give(struct options *options, enum option_id id, const char *value)
{
	char name[56];

	option_name(name, sizeof name, options->prefix, id);
	snprintf(options->from[id], sizeof options->from[id], "--%s", name);
	return options_set(options, id, value);
}

/* 1, 0, or -1 with a fault. */
static int truth_of(const char *variable, const char *text)
{
	static const char *const yes[] = { "1", "y", "yes", "true", "on" };
	static const char *const no[] = { "0", "n", "no", "false", "off" };

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		if (!strcasecmp(text, yes[i]))
			return 1;
		if (!strcasecmp(text, no[i]))
			return 0;
	}
	return fault_keep("%s: '%.60s' is neither yes nor no", variable, text);
}

static void variable_name(char *out, size_t room, const char *family, const struct option_form *form)
{
	snprintf(out, room, "%s_CONTAINER_%s", family, form->name);
	for (; *out; out++)
		*out = *out == '-' ? '_' : (char)toupper((unsigned char)*out);
}

/* The id of the option that says the contrary, or the same one. */
static enum option_id contrary(enum option_id id)
{
	for (int other = 0; other < OPTION_COUNT; other++)
		if (option_forms[other].negative && !strcmp(option_forms[other].name, option_forms[id].name))
			return (enum option_id)other;
	return id;
}

static int variable_take(struct options *options, enum option_id id, const char *variable, const char *text)
{
	enum option_id meant = id;

	if (!option_forms[id].value) {
		int truth = truth_of(variable, text);

		if (truth < 0)
			return -1;
		meant = truth ? id : contrary(id);
		if (!truth && meant == id)
			return 0;
		text = "";
	}
	snprintf(options->from[meant], sizeof options->from[meant], "%s", variable);
	return options_set(options, meant, text);
}

int options_environment(struct options *options, char *(*value_of)(const char *name))
{
	static const char *const families[] = { "BERTH", "PYXIS" };
	char variable[64];

	for (int id = 0; id < OPTION_COUNT; id++) {
		for (int i = 0; i < 2; i++) {
			const char *text;

			if (option_forms[id].negative || options->value[id] ||
			    options->value[contrary((enum option_id)id)])
				break;
			variable_name(variable, sizeof variable, families[i], &option_forms[id]);
			text = value_of(variable);
			if (text && variable_take(options, (enum option_id)id, variable, text))
				return -1;
		}
	}
	return 0;
}

int options_active(const struct options *options)
{
	return options->value[OPTION_IMAGE] || options->value[OPTION_NAME];
}

static int values_check(const struct options *options)
{
	for (int id = 0; id < OPTION_COUNT; id++) {
		const char *value = options->value[id];
		enum option_id other = contrary((enum option_id)id);

		if (!value)
			continue;
		if (option_forms[id].value && !*value)
			return fault_keep("%s: the value is empty", options->from[id]);
		if (strlen(value) > MOST_VALUE)
			return fault_keep("%s: the value is longer than %d bytes", options->from[id], MOST_VALUE);
		if ((int)other != id && options->value[other])
			return fault_keep("%s and %s exclude each other", options->from[id], options->from[other]);
	}
	return 0;
}

/* JOB.STEP */
static int is_step(const char *name, size_t length)
{
	size_t job = strspn(name, "0123456789"), step = name[job] == '.' ? strspn(name + job + 1, "0123456789") : 0;

	return job && step && job + 1 + step == length;
}

static int step_words(const struct options *options, struct words *words, const char *name, size_t length)
{
	const char *from = options->from[OPTION_NAME];
	char step[64 + 1];

	if (options->value[OPTION_IMAGE])
		return fault_keep("%s: '%.*s' is a running step, which has its image; leave %s out", from, (int)length, name,
				  options->from[OPTION_IMAGE]);
	if (name[length] && strcmp(name + length, ":auto") && strcmp(name + length, ":exec"))
		return fault_keep("%s: a running step like '%.*s' can only be joined, with :exec", from, (int)length, name);
	snprintf(step, sizeof step, "%.*s", (int)length, name);
	words_add(words, "--join=", step);
	return 0;
}

static int name_words(const struct options *options, struct words *words)
{
	const char *name = options->value[OPTION_NAME], *from = options->from[OPTION_NAME];
	const char *rule = name ? strchr(name, ':') : NULL;
	size_t length = rule ? (size_t)(rule - name) : name ? strlen(name) : 0;

	if (!name)
		return 0;
	if (!length || length > 64)
		return fault_keep("%s: the name is empty or longer than 64 bytes", from);
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && (!i || !strchr("_.-", name[i])))
			return fault_keep("%s: '%.*s' has more than letters, digits, '_', '.' and '-'", from, (int)length,
					  name);
	if (rule && strcmp(rule, ":auto") && strcmp(rule, ":create") && strcmp(rule, ":exec") &&
	    strcmp(rule, ":no_exec"))
		return fault_keep("%s: '%.60s' is not one of :auto, :create, :exec and :no_exec", from, rule);
	if (is_step(name, length))
		return step_words(options, words, name, length);
	words_add(words, "--tree=", name);
	if (options->global_names)
		words_add(words, "--tree-of-node", "");
	if (options->value[OPTION_READONLY])
		words_add(words, "--readonly", "");
	return 0;
}

static int workdir_words(const struct options *options, struct words *words)
{
	const char *folder = options->value[OPTION_WORKDIR], *from = options->from[OPTION_WORKDIR];

	if (!folder)
		return 0;
	if (*folder != '/')
		return fault_keep("%s: '%.60s' is not an absolute path", from, folder);
	if (strlen(folder) >= PATH_MAX)
		return fault_keep("%s: the path is longer than %d bytes", from, PATH_MAX - 1);
	words_add(words, "--workdir=", folder);
	return 0;
}

static int is_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '_')
			return 0;
	return length && !isdigit((unsigned char)*text);
}

static int env_words(const struct options *options, struct words *words)
{
	const char *at = options->value[OPTION_ENV], *from = options->from[OPTION_ENV];

	for (; at; at = *at ? at + 1 : NULL) {
		size_t length = strcspn(at, ",");
		char *name;

		if (!length)
			return fault_keep("%s: '%s' has a comma too many", from, options->value[OPTION_ENV]);
		if (!is_name(at, length))
			return fault_keep("%s: '%.*s' is not the name of a variable", from,
					  (int)(length > 60 ? 60 : length), at);
		name = strndup(at, length);
		words_add(words, "--env=", name ? name : "");
		words->lost |= !name;
		free(name);
		at += length;
		if (*at && !at[1])
			return fault_keep("%s: '%s' has a comma too many", from, options->value[OPTION_ENV]);
	}
	return 0;
}

static int mode_words(const struct options *options, struct words *words)
{
	static const char *const known[] = { "auto", "per-node", "R1", "R2", "R3", "P1", "P2",
					     "F1",   "F2",	 "F3", "F4", "S1" };
	const char *mode = options->value[OPTION_MODE];
	size_t i = 0;

	if (!mode)
		return 0;
	while (i < sizeof known / sizeof *known && strcasecmp(mode, known[i]))
		i++;
	if (i == sizeof known / sizeof *known)
		return fault_keep("%s: '%.60s' is not one of auto, per-node, R1-R3, P1, P2, F1-F4 and S1",
				  options->from[OPTION_MODE], mode);
	words_add(words, "--mode=", known[i]);
	return 0;
}

/* What would fail only when the step has done its work. */
static int save_check(const char *from, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == path ? strdup("/") : slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
	struct stat entry;
	int result = 0;

	if (!stat(path, &entry) && S_ISDIR(entry.st_mode))
		result = fault_keep("%s: '%s' is a folder; name a file to write", from, path);
	else if (!folder || stat(folder, &entry) || !S_ISDIR(entry.st_mode))
		result = fault_keep("%s: the folder of '%s' is not there", from, path);
	free(folder);
	return result;
}

static int save_words(const struct options *options, struct words *words)
{
	const char *path = options->value[OPTION_SAVE], *from = options->from[OPTION_SAVE];
	size_t length = path ? strlen(path) : 0;

	if (!path)
		return 0;
	if (length >= PATH_MAX)
		return fault_keep("%s: the path is longer than %d bytes", from, PATH_MAX - 1);
	if (path[length - 1] == '/' || strchr(path, '\n'))
		return fault_keep("%s: '%s' is not the name of a file", from, path);
	if ((*path == '/' || !options->later) && save_check(from, path))
		return -1;
	words_add(words, "--save=", path);
	/* of a name it says that for itself */
	if (options->value[OPTION_READONLY] && !options->value[OPTION_NAME])
		words_add(words, "--readonly", "");
	return 0;
}

static int unshare_words(const struct options *options, struct words *words)
{
	static const char *const known[] = { "net", "ipc", "uts" };
	const char *from = options->from[OPTION_UNSHARE];

	for (const char *at = options->value[OPTION_UNSHARE]; at; at = *at ? at + 1 : NULL) {
		size_t length = strcspn(at, ","), i = 0;

		while (i < 3 && (strlen(known[i]) != length || strncmp(known[i], at, length)))
			i++;
		if (i == 3)
			return fault_keep("%s: '%.*s' is not one of net, ipc and uts", from,
					  (int)(length > 60 ? 60 : length), at);
		words_add(words, "--unshare=", known[i]);
		at += length;
	}
	return 0;
}

int options_words(const struct options *options, struct words *words, struct image *image)
{
	*image = (struct image){ .name = "" };
	if (values_check(options) ||
	    (options->value[OPTION_IMAGE] &&
	     image_read(image, options->from[OPTION_IMAGE], options->value[OPTION_IMAGE])))
		return -1;
	if (options->value[OPTION_WRITABLE] && options->value[OPTION_READONLY])
		return fault_keep("%s and %s exclude each other", options->from[OPTION_WRITABLE],
				  options->from[OPTION_READONLY]);
	/* as pyxis: what is set outside is seen inside, unless the image sets it */
	words_add(words, "--hostenv", "");
	if (!options->value[OPTION_ENTRYPOINT])
		words_add(words, "--entrypoint=", "");
	if (options->value[OPTION_HOME])
		words_add(words, "--bindhome", "");
	if (options->value[OPTION_EXPLAIN])
		words_add(words, "--explain", "");
	if (options->value[OPTION_WRITABLE])
		words_add(words, "--writable", "");
	if (options->value[OPTION_ROOT])
		words_add(words, "--user=", "0");
	if (name_words(options, words) || workdir_words(options, words) || env_words(options, words) ||
	    mode_words(options, words) || unshare_words(options, words) || save_words(options, words))
		return -1;
	if (options->value[OPTION_MOUNTS] &&
	    mounts_words(words, options->from[OPTION_MOUNTS], options->value[OPTION_MOUNTS]))
		return -1;
	return words->lost ? fault_keep("reading the options: memory ran out") : 0;
}

void options_free(struct options *options)
{
	for (int id = 0; id < OPTION_COUNT; id++) {
		free(options->value[id]);
		options->value[id] = NULL;
	}
}

void options_translate(const char *prefix, const char *text, char *out, size_t room)
{
	static const struct {
		const char *word;
		enum option_id id;
	} ours[] = { { "--mode", OPTION_MODE },
		     { "--workdir", OPTION_WORKDIR },
		     { "--volume", OPTION_MOUNTS },
		     { "--env", OPTION_ENV } };
	size_t used = 0;

	*out = 0;
	while (*text && used + 1 < room) {
		size_t i = 0, length = 0;
		char name[56];

		for (; i < sizeof ours / sizeof *ours; i++) {
			length = strlen(ours[i].word);
			if (!strncmp(text, ours[i].word, length) && !isalnum((unsigned char)text[length]) &&
			    text[length] != '-')
				break;
		}
		if (i == sizeof ours / sizeof *ours) {
			out[used++] = *text++;
			out[used] = 0;
			continue;
		}
		option_name(name, sizeof name, prefix, ours[i].id);
		snprintf(out + used, room - used, "--%s", name);
		used += strlen(out + used);
		text += length;
	}
}
