/* berth-exec: applies a launch plan (docs/formats/launch-plan.md) and becomes the program. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../common/check.h"
#include "../common/guarded.h"
#include "../common/init.h"
#include "../common/message.h"
#include "../common/ns.h"
#include "../common/rank.h"
#include "../common/run.h"
#include "../common/runtime.h"
#include "../common/start.h"
#include "../common/tell.h"
#include "../common/text.h"

static const char version[] = "berth-exec " BERTH_VERSION " (build " BERTH_BUILD_ID ")\n";

/* What `--probe TOKEN` exits with, as proof that it ran. */
#define PROBED 42

/* With FILTERED only under a seccomp filter, which is what makes PRoot's P1. */
static int probe(char *token, int filtered)
{
	size_t length = strlen(token);

	if (filtered && prctl(PR_GET_SECCOMP) != SECCOMP_MODE_FILTER) {
		message_keep("no seccomp filter: this proot was built without acceleration", NULL);
		return message_print(RUN_FAILED);
	}

	token[length] = '\n'; /* one write; nobody reads the word again */
	return write(1, token, length + 1) < 0 ? RUN_FAILED : PROBED;
}

static int plan_check(const char *path)
{
	struct plan plan;

	return check_load(&plan, path) ? message_print(RUN_FAILED) : 0;
}

static int plan_run(const char *path, char **words, char **env)
{
	struct plan plan;

	if (check_load(&plan, path))
		return message_print(RUN_FAILED);
	if (plan.first[PLAN_AFTER]) {
		message_keep("refusing ", path, ": it has `after`, which only `berth` can do",
			     NULL);
		return message_print(RUN_FAILED);
	}
	return start_plan(&plan, words, env);
}

/* Whether PROGRAM is libexec/berth-rank: the same file, called by the SPANK plugin. */
static int is_rank(const char *program)
{
	const char *slash = strrchr(program, '/');

	return !strcmp(slash ? slash + 1 : program, "berth-rank");
}

static void rank_variables_remove(char **env)
{
	char **kept = env;

	for (; *env; env++)
		if (!text_after(*env, RANK_VARIABLES))
			*kept++ = *env;
	*kept = NULL;
}

/* One message for a step, if srun can be told. */
static int rank_tell(const char *node, char *const *env)
{
	static char text[2048];

	strcat(strcat(strcpy(text, "berth: "), message_kept()), "\n");
	strcat(strcat(strcat(text, "hint: "), message_hinted()), "\n");
	return tell(run_variable(env, RANK_TELL_HOST), run_variable(env, RANK_TELL), node, text);
}

/* One message for a node, not one for each of its ranks. */
static int rank_refuse(const char *why, char *const *env)
{
	const char *local = run_variable(env, "SLURM_LOCALID"), *node = run_variable(env, "SLURMD_NODENAME");

	if (!*why || (local && strcmp(local, "0")))
		return RUN_FAILED;
	message_keep("starting the step on ", node ? node : "this node", ": ", why, NULL);
	message_hint("nothing ran there: a command that is for a container never runs on the bare host", NULL);
	return rank_tell(node, env) ? message_print(RUN_FAILED) : RUN_FAILED;
}

/* The interpreter is looked up inside, so the kernel cannot find it in the script, which names the launcher there. */
static int script_run(const char *plan, const struct guarded *guarded, char **words, char **env)
{
	size_t count = 0, at = 0;

	while (words[count])
		count++;
	char *all[count + 3];

	all[at++] = guarded->interpreter;
	if (guarded->argument)
		all[at++] = guarded->argument;
	memcpy(all + at, words, (count + 1) * sizeof *all);
	return plan_run(plan, all, env);
}

/* Put by the plugin in the place of the first word of the task's command. */
static int rank_run(char **words, char **env)
{
	char *plan = (char *)run_variable(env, RANK_PLAN), *command = (char *)run_variable(env, RANK_COMMAND);
	const char *refused = run_variable(env, RANK_REFUSED);
	int is_batch = run_variable(env, RANK_BATCH) != NULL;
	static struct guarded guarded;

	if (refused)
		return rank_refuse(refused, env);
	if (!plan)
		return rank_refuse("it has no launch plan; is berth's SPANK plugin in its plugstack.conf?", env);
	if (command)
		words[0] = command;
	else
		words++;
	rank_variables_remove(env);
	if (is_batch && *words && !guarded_read(&guarded, *words))
		return script_run(plan, &guarded, words, env);
	return plan_run(plan, words, env);
}

/* Waits until all that was written to FOLDER's file system is on its disk. */
static int flush(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), failed = fd < 0 || syncfs(fd);

	if (!failed)
		return 0;
	message_keep("flushing the file system of ", folder, ": ", text_error(errno), NULL);
	return message_print(RUN_FAILED);
}

int main(int count, char **argv, char **env)
{
	if (count >= 1 && is_rank(argv[0]))
		return rank_run(argv, env);
	if (count >= 2 && !strcmp(argv[1], "--init"))
		return init_main(argv + 2, env);
	if (count >= 2 && !strcmp(argv[1], "--inside"))
		return runtime_inside(argv + 2);
	if (count == 6 && !strcmp(argv[1], "--probe-emulator"))
		return ns_try_emulator(argv + 2) ? message_print(RUN_FAILED) : PROBED;
	if (count == 8 && !strcmp(argv[1], "--probe-subids"))
		return ns_try_ids(argv + 2) ? message_print(RUN_FAILED) : PROBED;
	if (count == 3 && !strcmp(argv[1], "--probe"))
		return probe(argv[2], 0);
	if (count == 3 && !strcmp(argv[1], "--probe-filter"))
		return probe(argv[2], 1);
	if (count == 3 && !strcmp(argv[1], "--flush"))
		return flush(argv[2]);
	if (count == 2 && !strcmp(argv[1], "--version"))
		return write(1, version, sizeof version - 1) < 0;
	if (count == 3 && !strcmp(argv[1], "--check"))
		return plan_check(argv[2]);
	if (count >= 2 && argv[1][0] != '-')
		return plan_run(argv[1], argv + (count > 2 && !strcmp(argv[2], "--") ? 3 : 2), env);
	message_keep("berth-exec: wanted PLAN [--] [COMMAND ARG...], or --check PLAN, or --version",
		     NULL);
	return message_print(RUN_FAILED);
}
