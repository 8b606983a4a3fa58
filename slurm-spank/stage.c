#include "stage.h"

#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agree.h"
#include "child.h"
#include "common/rank.h"
#include "common/tell.h"
#include "fault.h"
#include "image.h"
#include "options.h"
#include "words.h"

const char *env_value(char *const *env, const char *name)
{
	size_t length = strlen(name);

	for (; env && *env; env++)
		if (!strncmp(*env, name, length) && (*env)[length] == '=')
			return *env + length + 1;
	return NULL;
}

/* What follows OPTION in WORD, or NULL. */
static const char *word_after(const char *word, const char *option)
{
	size_t length = strlen(option);

	return strncmp(word, option, length) ? NULL : word + length;
}

/* As `berth node prepare --mpi` knows it. */
static const char mpirun[] = "mpirun";

uint64_t stage_hash(uint64_t hash, const char *text)
{
	do {
		hash ^= (unsigned char)*text;
		hash *= 0x100000001b3ULL;
	} while (*text++);
	return hash;
}

uint64_t stage_hash_settings(uint64_t hash, char *const *env)
{
	for (; *env; env++)
		if (!strncmp(*env, "BERTH_", 6) || !strncmp(*env, "UDOCKER_", 8))
			hash = stage_hash(hash, *env);
	return hash;
}

/* An image that is a file may be another one for the next step. */
static uint64_t image_hash(uint64_t hash, const struct stage *stage)
{
	struct words words = { 0 };
	const char *image = NULL;
	char identity[96], path[2 * PATH_MAX];
	struct stat entry;

	if (!words_read(&words, stage->line))
		for (size_t i = 0; i < words.count; i++)
			if (image_is_path(words.word[i]))
				image = words.word[i];
	if (image) {
		snprintf(path, sizeof path, "%s/%s", *image == '/' ? "" : stage->folder, image);
		if (!stat(path, &entry) && S_ISREG(entry.st_mode)) {
			snprintf(identity, sizeof identity, "%llu %lld %lld.%ld", (unsigned long long)entry.st_ino,
				 (long long)entry.st_size, (long long)entry.st_mtim.tv_sec, entry.st_mtim.tv_nsec);
			hash = stage_hash(hash, identity);
		}
	}
	words_free(&words);
	return hash;
}

/* What an mpirun has srun start on each node, to join the ranks itself. Source: Open MPI 4.1 and 5.0, MPICH 4.0. */
static int is_helper(const char *command)
{
	static const char *const helpers[] = { "orted", "prted", "hydra_pmi_proxy", "hydra_bstrap_proxy" };
	const char *slash = command ? strrchr(command, '/') : NULL;

	for (size_t i = 0; command && i < sizeof helpers / sizeof *helpers; i++)
		if (!strcmp(slash ? slash + 1 : command, helpers[i]))
			return 1;
	return 0;
}

/* By what the ranks of the step find each other: as `srun --mpi` names it, or an mpirun, whose helpers the tasks are. */
static const char *launcher_of(char *const *env)
{
	if (is_helper(env_value(env, RANK_COMMAND)))
		return mpirun;
	return env_value(env, "PMIX_NAMESPACE") ? "pmix" : env_value(env, "PMI_FD") ? "pmi2" : "none";
}

/* All that the plan depends on: the words, the folder, the ranks' launcher, and the user's settings of berth. */
static uint64_t wish_hash(const struct stage *stage)
{
	uint64_t hash = stage_hash(stage_hash(STAGE_HASH_BEGIN, stage->line), stage->folder);

	hash = stage_hash(hash, launcher_of(stage->env));
	if (stage->agrees && !*stage->named)
		hash = stage_hash(hash, "agrees");
	/* what a step changes is not for the next one, a name may have to be new, and only who makes a plan explains it */
	if (strstr(stage->line, "--writable") || strstr(stage->line, "--explain") || strstr(stage->line, "--tree=") ||
	    strstr(stage->line, "--join=") || strstr(stage->line, "--save="))
		hash = stage_hash(hash, env_value(stage->env, "SLURM_STEP_ID") ? env_value(stage->env, "SLURM_STEP_ID") : "");
	return stage_hash_settings(image_hash(hash, stage), stage->env);
}

const char *stage_node_dir(const struct site *site, char *const *env)
{
	const char *own = env_value(env, "BERTH_NODE_DIR");

	return own && *own == '/' ? own : site->node_dir;
}

int stage_is_own(const struct site *site, char *const *env, uid_t uid)
{
	char path[PATH_MAX + 32];
	struct stat entry;

	snprintf(path, sizeof path, "%s/berth-%lu", stage_node_dir(site, env), (unsigned long)uid);
	return !lstat(path, &entry) && S_ISDIR(entry.st_mode) && entry.st_uid == uid &&
	       !(entry.st_mode & (S_IWGRP | S_IWOTH));
}

int stage_job(char path[PATH_MAX], const struct site *site, char *const *env, uid_t uid)
{
	const char *job = env_value(env, "SLURM_JOB_ID"), *restart = env_value(env, "SLURM_RESTART_COUNT");
	const char *dir = stage_node_dir(site, env);
	int length;

	if (!job || !*job || job[strspn(job, "0123456789")])
		return fault_keep("finding the job's place on the node: SLURM_JOB_ID is not a number");
	length = snprintf(path, PATH_MAX, "%s/berth-%lu/jobs/%s.%s", dir, (unsigned long)uid, job,
			  restart && *restart ? restart : "0");
	return length < PATH_MAX ? 0 : fault_keep("%s: the path is too long", dir);
}

static const char *node_dir(const struct stage *stage)
{
	return stage_node_dir(stage->site, stage->env);
}

/* Ranks of MPI on several nodes, which join no container that has a mode, and for which no node may differ. */
static void agreement_find(struct stage *stage)
{
	struct words words = { 0 };

	stage->agrees = stage->nodes > 1 && strcmp(launcher_of(stage->env), "none") && !words_read(&words, stage->line);
	for (size_t i = 0; stage->agrees && i < words.count; i++) {
		const char *mode = word_after(words.word[i], "--mode=");

		stage->agrees = !word_after(words.word[i], "--join=") && (!mode || strcasecmp(mode, "per-node"));
		if (mode && strcasecmp(mode, "auto"))
			snprintf(stage->named, sizeof stage->named, "%s", mode);
	}
	words_free(&words);
}

void stage_turn(struct stage *stage, const char *step)
{
	char *name = strrchr(stage->place, '/');

	snprintf(stage->step, sizeof stage->step, "%s", step);
	if (name)
		snprintf(name + 1, sizeof stage->place - (size_t)(name + 1 - stage->place), "%s", stage->step);
}

int stage_find(struct stage *stage, uid_t uid)
{
	char job[PATH_MAX];
	int length;

	if (stage_job(job, stage->site, stage->env, uid))
		return -1;
	agreement_find(stage);
	snprintf(stage->step, sizeof stage->step, "srun-%016llx", (unsigned long long)wish_hash(stage));
	length = snprintf(stage->place, sizeof stage->place, "%s/%s", job, stage->step);
	return (size_t)length < sizeof stage->place - 32 ? 0 : fault_keep("%s: the path is too long", node_dir(stage));
}

int stage_is_ready(const struct stage *stage)
{
	char ready[PATH_MAX + 8];

	snprintf(ready, sizeof ready, "%s/ready", stage->place);
	return stage_is_own(stage->site, stage->env, getuid()) && !access(ready, F_OK);
}

void lines_say(const char *text, void (*say)(const char *line))
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = strndup(text, length);

		if (line && *line)
			say(line);
		free(line);
		text += length + (text[length] == '\n');
	}
}

static const char volume[] = "--volume=";

static const char save[] = "--save=";

static void path_add(struct words *to, const char *option, const char *folder, const char *path)
{
	char *whole;

	if (asprintf(&whole, "%s/%s", folder, path) < 0) {
		to->lost = 1;
		return;
	}
	words_add(to, option, whole);
	free(whole);
}

/* The words as berth wants them: a relative path is one in the step's folder, and one node saves. */
static void words_place(const struct stage *stage, const struct words *from, struct words *to)
{
	for (size_t i = 0; i < from->count; i++) {
		const char *word = from->word[i], *source = word_after(word, volume), *saved = word_after(word, save);

		if (source && *source == '.')
			path_add(to, volume, stage->folder, source);
		else if (saved && !stage->is_first)
			words_add(to, save, "");
		else if (saved && *saved != '/')
			path_add(to, save, stage->folder, saved);
		else if (*word == '.')
			path_add(to, "", stage->folder, word);
		else
			words_add(to, "", word);
	}
}

/* ENV with the PAIRS that it lacks; the first of them replaces what is there. The strings are not copied. */
static char **env_place(char *const *env, const struct words *pairs)
{
	const char *first = pairs->word[0];
	size_t count = 0, name = strcspn(first, "=") + 1;
	char **copy;

	while (env[count])
		count++;
	copy = calloc(count + pairs->count + 1, sizeof *copy);
	if (!copy)
		return NULL;
	count = 0;
	for (char *const *at = env; *at; at++)
		if (strncmp(*at, first, name))
			copy[count++] = *at;
	for (size_t i = 0; i < pairs->count; i++) {
		char *variable = strndup(pairs->word[i], strcspn(pairs->word[i], "="));

		if (variable && (!i || !env_value(env, variable)))
			copy[count++] = pairs->word[i];
		free(variable);
	}
	return copy;
}

/* The first line of the file NAME of the place; 0, or -1. */
static int line_read(const struct stage *stage, const char *name, char *text, size_t room)
{
	char path[PATH_MAX + 16];
	FILE *file;
	int found;

	snprintf(path, sizeof path, "%s/%s", stage->place, name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	found = fgets(text, (int)room, file) != NULL;
	fclose(file);
	text[found ? strcspn(text, "\n") : 0] = 0;
	return found ? 0 : -1;
}

int stage_warning(const struct stage *stage, unsigned tasks, unsigned here, char *text, size_t room)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	char line[512];

	if (tasks > 1 && !line_read(stage, "misfit", line, sizeof line))
		snprintf(text, room, "berth: warning: %s: %u singletons", line, tasks);
	else if (processors > 0 && here > (unsigned long)processors && !line_read(stage, "crowd", line, sizeof line))
		snprintf(text, room, "berth: warning: %u ranks on a node of %ld processors: %s", here, processors, line);
	else
		return -1;
	return 0;
}

static const char *node_name(const struct stage *stage)
{
	const char *name = env_value(stage->env, "SLURMD_NODENAME");

	return name ? name : "?";
}

static int mode_ask(const struct stage *stage, const char *able, unsigned seconds, char mode[AGREE_MODE])
{
	char node[300];

	snprintf(node, sizeof node, "%s %u", node_name(stage), stage->nodes);
	return tell_ask(env_value(stage->env, RANK_TELL_HOST), env_value(stage->env, RANK_TELL), node, able, (long)seconds,
			mode, AGREE_MODE);
}

int stage_agree(struct stage *stage, unsigned seconds, void (*say)(const char *line),
		void (*fail)(const struct stage *stage, const char *text))
{
	static char able[8192];
	char own[AGREE_MODE], mode[AGREE_MODE], step[sizeof stage->step], hint[320];

	if (*stage->named)
		snprintf(able, sizeof able, "%s %s", node_name(stage), stage->named);
	else if (line_read(stage, "modes", able, sizeof able))
		*able = 0;
	if (agree_first(able, own)) {
		fail(stage, "berth: agreeing on one execution mode: this node does not say what it can do\n");
		return -1;
	}
	if (mode_ask(stage, able, seconds, mode)) {
		/* the others take the same; that no node reaches srun is one reason to name it */
		if (*stage->named)
			return 0;
		options_translate(stage->site->prefix,
				  "berth: agreeing on one execution mode with the step's other nodes: no answer from srun\n"
				  "hint: name the mode (--mode=R1), or let each node take its own (--mode=per-node)\n",
				  hint, sizeof hint);
		fail(stage, hint);
		return -1;
	}
	if (!strcmp(mode, AGREE_NONE))
		return -1;
	if (!strcmp(mode, own))
		return 0;
	snprintf(step, sizeof step, "%.21s-%.16s", stage->step, mode);
	stage_turn(stage, step);
	return stage_is_ready(stage) ? 0 : stage_prepare(stage, mode, say, fail);
}

/* What the step may change is a copy of its own, which only the place that is used is to have. */
static int is_own_copy(const struct stage *stage)
{
	return !strstr(stage->line, "--tree=") && (strstr(stage->line, "--writable") || strstr(stage->line, "--save="));
}

static void agreement_add(const struct stage *stage, const char *agreed, struct words *argv)
{
	char number[16], first[24];

	if (agreed) {
		words_add(argv, "--agreed=", agreed);
		snprintf(first, sizeof first, "%.21s", stage->step);
		if (is_own_copy(stage))
			words_add(argv, "--instead=", first);
	} else if (stage->agrees && !*stage->named) {
		snprintf(number, sizeof number, "%u", stage->nodes);
		words_add(argv, "--nodes=", number);
	}
}

int stage_prepare(const struct stage *stage, const char *agreed, void (*say)(const char *line),
		  void (*fail)(const struct stage *stage, const char *text))
{
	struct words asked = { 0 }, argv = { 0 }, pairs = { 0 };
	static struct child_output out, err;
	static char said[sizeof err.text];
	const struct passwd *user = getpwuid(getuid());
	char berth[PATH_MAX], **env = NULL;
	int status = -1;

	words_add(&pairs, "SLURM_SUBMIT_DIR=", stage->folder);
	/* which --export=NONE takes away */
	words_add(&pairs, "HOME=", user ? user->pw_dir : "/");
	words_add(&pairs, "PATH=", "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin");
	if (words_read(&asked, stage->line) || site_path(stage->site, "bin/berth", berth) || pairs.lost) {
		fail(stage, "berth: preparing the node: the options did not arrive whole\n");
	} else {
		env = env_place(stage->env, &pairs);
		words_add(&argv, "", berth);
		words_add(&argv, "", "--quiet");
		words_add(&argv, "--node-dir=", node_dir(stage));
		words_add(&argv, "", "node");
		words_add(&argv, "", "prepare");
		words_add(&argv, "--step=", stage->step);
		agreement_add(stage, agreed, &argv);
		if (!strcmp(launcher_of(stage->env), mpirun))
			words_add(&argv, "--mpi=", mpirun);
		words_place(stage, &asked, &argv);
		if (env && !argv.lost)
			status = child_run_heard(argv.word, env, &out, &err, say);
		if (!status)
			lines_say(out.text, say);
		if (status) {
			options_translate(stage->site->prefix, err.text, said, sizeof said);
			if (err.size)
				fail(stage, said);
			else if (status <= 128)
				fail(stage, "berth: preparing the node: it ended without a word\n");
		}
	}
	free(env);
	words_free(&asked);
	words_free(&argv);
	words_free(&pairs);
	return status ? -1 : 0;
}
