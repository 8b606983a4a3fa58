/*
 * berth.so: `srun --container-image=...`.
 *
 * The submitting side checks the options, pins the image and puts berth-rank in the place of the command, so that a node
 * without this plugin can only refuse. On the node the first task has `berth node prepare` make the plan, and
 * each task becomes berth-rank, which applies it. No callback of the node's side returns an error: Slurm would report
 * success, or drain the node.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <slurm/spank.h>

#include "batch.h"
#include "child.h"
#include "common/rank.h"
#include "common/tell.h"
#include "fault.h"
#include "gate.h"
#include "guard.h"
#include "hear.h"
#include "image.h"
#include "options.h"
#include "pin.h"
#include "release.h"
#include "shape.h"
#include "site.h"
#include "stage.h"

#define CALLBACK __attribute__((visibility("default")))

#pragma GCC visibility push(default)
SPANK_PLUGIN(berth, 1)
#pragma GCC visibility pop

/* Steps that are none of the user's srun: batch script, extern, interactive, and those to come. */
#define FIRST_SPECIAL_STEP 0xfffffff0u
#define BATCH_STEP 0xfffffffbu

static struct site site;
static struct options options;
static char option_names[OPTION_COUNT][56];
static struct spank_option option_table[OPTION_COUNT];

/* Of srun: what the node is to be prepared with; NULL without a container. */
static char *prepare_line;
/* Of srun: whether the job wants containers (RANK_GUARD). */
static int had_guard;
/* Of slurmstepd. */
static struct gate *gate;

static void say(const char *line)
{
	slurm_spank_log("%s", line);
}

static void say_error(const char *line)
{
	slurm_error("%s", line);
}

static int is_submitting(void)
{
	return spank_context() == S_CTX_LOCAL || spank_context() == S_CTX_ALLOCATOR;
}

static int refuse(void)
{
	slurm_error("berth: %s", fault_text());
	return -1;
}

/* --- options */

static int option_take(int val, const char *value, int remote)
{
	if (remote)
		return 0; /* the words that srun made of them count */
	return options_give(&options, (enum option_id)val, value) ? refuse() : 0;
}

static void options_register(spank_t spank)
{
	for (int id = 0; id < OPTION_COUNT; id++) {
		const struct option_form *form = &option_forms[id];

		option_name(option_names[id], sizeof option_names[id], site.prefix, (enum option_id)id);
		option_table[id] = (struct spank_option){ .name = option_names[id],
							  .arginfo = (char *)(uintptr_t)form->value,
							  .usage = (char *)(uintptr_t)form->help,
							  .has_arg = form->value != NULL,
							  .val = id,
							  .cb = option_take };
		if (spank_option_register(spank, &option_table[id]) != ESPANK_SUCCESS)
			slurm_error("berth: the option --%s cannot be registered; is it another plugin's too? "
				    "prefix= in plugstack.conf renames ours", option_names[id]);
	}
}

/* --- the submitting side */

extern char **environ;

/* An option without an effect is likely a mistake. */
static void idle_options_tell(void)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (options.value[id] && options.from[id][0] == '-')
			slurm_spank_log("berth: %s does nothing without --%s", options.from[id],
					option_names[OPTION_IMAGE]);
}

static int wants_batch(void)
{
	return options.value[OPTION_BATCH] || (site.batch && !options.value[OPTION_NO_BATCH]);
}

/* sbatch and salloc: what the job's steps are to know, and what the script runs in. */
static int job_prepare(const char *asked, const char *image, const char *line)
{
	char known[2 * IMAGE_ROOM + 2];

	snprintf(known, sizeof known, "%s %s", asked, image);
	if (!*image || image_is_path(image) || setenv(RANK_PINNED, known, 1))
		unsetenv(RANK_PINNED);
	if (wants_batch()) {
		if (batch_send(&site))
			return refuse();
		if (setenv(RANK_BATCH, line, 1))
			return -1;
	}
	batch_forget();
	return guard_set();
}

/* So that a prolog may bring the image before the job's time counts (deploy/slurm/hooks). */
static void prolog_tell(spank_t spank, const char *image)
{
	if (*image && !image_is_path(image))
		spank_job_control_setenv(spank, "BERTH_IMAGE", image, 1);
}

static int submission_prepare(spank_t spank)
{
	struct words words = { 0 };
	static struct image image;
	char asked[IMAGE_ROOM], *line = NULL;
	int result = -1;

	options.later = spank_context() == S_CTX_ALLOCATOR;
	options.global_names = site.global_names;
	if (options_words(&options, &words, &image)) {
		refuse();
	} else {
		strcpy(asked, image.name);
		result = pin_is_needed(&image) ? pin_image(&site, environ, &image, say_error) : 0;
		if (result && options.later && image_is_registry(image.name))
			say_error("hint: in a line of #SBATCH the '#' of REGISTRY#IMAGE begins a comment; write REGISTRY/IMAGE");
	}
	if (!result) {
		prolog_tell(spank, image.name);
		if (*image.name)
			words_add(&words, "", image.name);
		line = words_write(&words);
		result = line ? 0 : -1;
	}
	if (!result && spank_context() == S_CTX_ALLOCATOR) {
		result = job_prepare(asked, image.name, line);
		free(line);
	} else {
		prepare_line = line;
	}
	words_free(&words);
	return result;
}

/* What an outer step left in the environment is not for the steps below it. */
static void submission_forget(void)
{
	unsetenv(RANK_PREPARE);
	unsetenv(RANK_COMMAND);
	unsetenv(RANK_PLAN);
	unsetenv(RANK_REFUSED);
	unsetenv(RANK_BATCH);
	unsetenv(RANK_TELL);
}

/* --- the node's side */

static int is_users_step(spank_t spank)
{
	uint32_t step = 0;

	return spank_get_item(spank, S_JOB_STEPID, &step) == ESPANK_SUCCESS && step < FIRST_SPECIAL_STEP;
}

static char **environment_of(spank_t spank)
{
	char **env = NULL;

	return spank_get_item(spank, S_JOB_ENV, &env) == ESPANK_SUCCESS ? env : NULL;
}

/* What this step is to be prepared with; NULL when it is none of ours. */
static const char *line_of(spank_t spank)
{
	char *const *env = environment_of(spank);
	uint32_t step = 0;

	if (is_users_step(spank))
		return env_value(env, RANK_PREPARE);
	return spank_get_item(spank, S_JOB_STEPID, &step) == ESPANK_SUCCESS && step == BATCH_STEP
		       ? env_value(env, RANK_BATCH)
		       : NULL;
}

/* LINE, for a batch script with the script shown in its place; to be freed. */
static char *line_copy(spank_t spank, const char *line)
{
	struct words words = { 0 };
	char **argv = NULL, *volume = NULL, *copy = NULL;
	int argc = 0;

	if (is_users_step(spank))
		return strdup(line);
	if (spank_get_item(spank, S_JOB_ARGV, &argc, &argv) == ESPANK_SUCCESS && argc > 0 &&
	    !words_read(&words, line) && asprintf(&volume, "%s:%s:rw", argv[0], argv[0]) >= 0) {
		words_add(&words, "--volume=", volume);
		copy = words_write(&words);
	}
	free(volume);
	words_free(&words);
	return copy;
}

static int is_first_node(spank_t spank)
{
	uint32_t node = 0;

	return spank_get_item(spank, S_JOB_NODEID, &node) == ESPANK_SUCCESS && !node;
}

/* One message for a step, if srun can be told. */
static void node_fail(const struct stage *stage, const char *text)
{
	if (tell(env_value(stage->env, RANK_TELL_HOST), env_value(stage->env, RANK_TELL),
		 env_value(stage->env, "SLURMD_NODENAME"), text))
		lines_say(text, say);
}

static int stage_work(void *with)
{
	struct stage *stage = with;

	if ((!stage_is_ready(stage) && stage_prepare(stage, NULL, say, node_fail)) ||
	    (stage->agrees && stage_agree(stage, site.wait, say, node_fail)))
		return -1;
	gate_note(gate, stage->step);
	return 0;
}

static unsigned count_of_step(spank_t spank, spank_item_t item)
{
	uint32_t count = 0;

	return spank_get_item(spank, item, &count) == ESPANK_SUCCESS ? count : 0;
}

/* Rank 0 speaks for all. */
static void warning_tell(spank_t spank, const struct stage *stage)
{
	unsigned tasks = count_of_step(spank, S_JOB_TOTAL_TASK_COUNT), here = count_of_step(spank, S_JOB_LOCAL_TASK_COUNT);
	unsigned even = stage->nodes ? (tasks + stage->nodes - 1) / stage->nodes : 0;
	char text[700];
	uint32_t rank = 0;

	if (spank_get_item(spank, S_TASK_GLOBAL_ID, &rank) == ESPANK_SUCCESS && !rank &&
	    !stage_warning(stage, tasks, here > even ? here : even, text, sizeof text))
		say(text);
}

/* Tells the launcher the plan, or why there is none: empty when that has been said. */
static spank_err_t stage_enter(spank_t spank, const char *line)
{
	char folder[PATH_MAX], plan[PATH_MAX + 8];
	struct stage stage = { .site = &site, .line = line, .folder = folder, .env = environment_of(spank),
			       .is_first = is_first_node(spank), .nodes = count_of_step(spank, S_JOB_NNODES) };
	enum gate_state state = GATE_OPEN;
	int has_work;

	if (!getcwd(folder, sizeof folder))
		return spank_setenv(spank, RANK_REFUSED, "the working folder is gone", 1);
	if (stage_find(&stage, getuid()))
		return spank_setenv(spank, RANK_REFUSED, fault_text(), 1);
	has_work = stage.agrees || !stage_is_ready(&stage);
	if (has_work && !gate)
		return spank_setenv(spank, RANK_REFUSED, "there is no memory to share with the other tasks", 1);
	if (has_work)
		state = gate_pass(gate, site.wait, stage_work, &stage);
	if (state == GATE_LATE)
		return spank_setenv(spank, RANK_REFUSED, "waited in vain for the task that prepares this node", 1);
	if (state == GATE_FAILED)
		return spank_setenv(spank, RANK_REFUSED, "", 1);
	if (has_work)
		stage_turn(&stage, gate_noted(gate));
	else if (gate)
		gate_note(gate, stage.step);
	warning_tell(spank, &stage);
	snprintf(plan, sizeof plan, "%s/plan", stage.place);
	return spank_setenv(spank, RANK_PLAN, plan, 1);
}

static int is_launcher(const char *word)
{
	static const char end[] = RANK_LAUNCHER;
	size_t length = strlen(word);

	return length >= sizeof end && !strcmp(word + length - (sizeof end - 1), end);
}

/*
 * Puts the launcher in front of the task's command. srun has done so, but it may lie elsewhere on this node; and a
 * release of Slurm may hand its plugins a copy of the words there.
 */
static int launcher_place(spank_t spank)
{
	spank_err_t (*prepend)(spank_t, int, const char **) = NULL;
	char launcher[PATH_MAX], **argv = NULL;
	int argc = 0;

	if (site_path(&site, "libexec/berth-rank", launcher) ||
	    spank_get_item(spank, S_JOB_ARGV, &argc, &argv) != ESPANK_SUCCESS || argc < 1)
		return -1;
	if (!is_launcher(argv[0])) {
		*(void **)&prepend = dlsym(RTLD_DEFAULT, "spank_prepend_task_argv");
		if (prepend) {
			spank_unsetenv(spank, RANK_COMMAND);
			return prepend(spank, 1, (const char *[]){ launcher }) == ESPANK_SUCCESS ? 0 : -1;
		}
		if (spank_setenv(spank, RANK_COMMAND, argv[0], 1) != ESPANK_SUCCESS)
			return -1;
	}
	argv[0] = strdup(launcher);
	return argv[0] ? 0 : -1;
}

/* --- callbacks */

CALLBACK int slurm_spank_init(spank_t spank, int count, char **words)
{
	Dl_info self = { 0 };
	int bad;

	dladdr((void *)(uintptr_t)&slurm_spank_init, &self);
	bad = site_read(&site, self.dli_fname ? self.dli_fname : "", count, words);
	options.prefix = site.prefix;
	if (is_submitting() && bad)
		return refuse();
	if (is_submitting())
		had_guard = guard_take();
	if (is_submitting() || spank_context() == S_CTX_REMOTE)
		options_register(spank);
	if (spank_context() == S_CTX_ALLOCATOR)
		batch_begin(&site, option_names[OPTION_BATCH]);
	return 0;
}

CALLBACK int slurm_spank_init_post_opt(spank_t spank, int count, char **words)
{
	(void)count;
	(void)words;
	if (spank_context() == S_CTX_REMOTE) {
		if (line_of(spank))
			gate = gate_make();
		return 0;
	}
	if (!is_submitting())
		return 0;
	submission_forget();
	if (options_environment(&options, getenv))
		return refuse();
	if (options_active(&options))
		return submission_prepare(spank);
	idle_options_tell();
	return 0;
}

/* In srun, once the step is there: the guard goes into what is sent to the nodes. */
CALLBACK int slurm_spank_local_user_init(spank_t spank, int count, char **words)
{
	static char berth[PATH_MAX];
	char launcher[PATH_MAX], where[64], **argv = NULL;
	int argc = 0;

	(void)count;
	(void)words;
	if (!is_users_step(spank))
		return had_guard && guard_set() ? -1 : 0; /* the interactive step of salloc, whose shell has an srun */
	if (!prepare_line)
		return 0;
	if (spank_get_item(spank, S_JOB_ARGV, &argc, &argv) != ESPANK_SUCCESS || argc < 1 ||
	    site_path(&site, "bin/berth", berth) || site_path(&site, "libexec/berth-rank", launcher)) {
		slurm_error("berth: Slurm does not tell what command the step runs");
		return -1;
	}
	if (shape_is_multi_prog(argc, argv)) {
		slurm_error("berth: --multi-prog cannot be used with a container: Slurm lets no plugin see each task's "
			    "program; start one srun for each, or one script that looks at SLURM_PROCID");
		return -1;
	}
	if (shape_of_self()) {
		slurm_error("berth: a step over several components cannot be used with a container: Slurm lets no plugin "
			    "see each one's program; start one srun for each, with --het-group");
		return -1;
	}
	if (setenv(RANK_PREPARE, prepare_line, 1) || setenv(RANK_COMMAND, argv[0], 1) ||
	    !(argv[0] = strdup(launcher))) {
		slurm_error("berth: memory ran out");
		return -1;
	}
	if (!hear_begin(where, sizeof where, site.ports, berth, say))
		setenv(RANK_TELL, where, 1);
	return 0;
}

CALLBACK int slurm_spank_task_init(spank_t spank, int count, char **words)
{
	const char *line;
	spank_err_t told;
	char *copy;

	(void)count;
	(void)words;
	/* a script inside has another srun, if any, and perhaps not this plugin */
	if (!is_users_step(spank) && !line_of(spank))
		guard_lift(spank, environment_of(spank));
	line = line_of(spank);
	if (!line)
		return 0;
	copy = line_copy(spank, line); /* what changes the environment moves it */
	told = copy ? stage_enter(spank, copy) : ESPANK_ERROR;
	free(copy);
	if (told != ESPANK_SUCCESS || launcher_place(spank)) {
		slurm_error("berth: the launcher cannot be put in front of the command");
		return -1;
	}
	return 0;
}

/* Of the tasks of this node. */
static uint32_t tasks_ended;
static int was_killed;

static void step_save(spank_t spank)
{
	char *const *env = environment_of(spank);
	const char *restart = env_value(env, "SLURM_RESTART_COUNT"), *job = env_value(env, "SLURM_JOB_ID");
	struct saving saving = { .node_dir = stage_node_dir(&site, env),
				 .job = job ? job : "",
				 .restart = restart && *restart ? restart : "0",
				 .step = gate_noted(gate) };

	if (spank_get_item(spank, S_JOB_UID, &saving.uid) == ESPANK_SUCCESS)
		save_step(&site, &saving, say);
}

/* srun hears that the task has ended when this returns, so that what comes next finds the file. */
CALLBACK int slurm_spank_task_exit(spank_t spank, int count, char **words)
{
	const char *line = line_of(spank);
	uint32_t tasks = 0;
	int status = 0;

	(void)count;
	(void)words;
	if (!line || !gate || !strstr(line, "--save=") || !is_first_node(spank))
		return 0;
	if (spank_get_item(spank, S_TASK_EXIT_STATUS, &status) == ESPANK_SUCCESS && WIFSIGNALED(status))
		was_killed = 1;
	if (spank_get_item(spank, S_JOB_LOCAL_TASK_COUNT, &tasks) != ESPANK_SUCCESS || ++tasks_ended < tasks)
		return 0;
	if (was_killed)
		slurm_spank_log("berth: the container is not saved: the step was killed");
	else if (*gate_noted(gate))
		step_save(spank);
	return 0;
}

CALLBACK int slurm_spank_job_epilog(spank_t spank, int count, char **words)
{
	uint32_t job = 0;
	uid_t uid = 0;
	Dl_info self = { 0 };

	dladdr((void *)(uintptr_t)&slurm_spank_init, &self);
	if (!site_read(&site, self.dli_fname ? self.dli_fname : "", count, words) &&
	    spank_get_item(spank, S_JOB_ID, &job) == ESPANK_SUCCESS &&
	    spank_get_item(spank, S_JOB_UID, &uid) == ESPANK_SUCCESS)
		release_job(&site, job, uid);
	return 0; /* anything else would drain the node */
}

CALLBACK int slurm_spank_exit(spank_t spank, int count, char **words)
{
	(void)spank;
	(void)count;
	(void)words;
	batch_forget();
	hear_end();
	gate_free(gate);
	gate = NULL;
	tasks_ended = 0;
	was_killed = 0;
	free(prepare_line);
	prepare_line = NULL;
	options_free(&options);
	return 0;
}
