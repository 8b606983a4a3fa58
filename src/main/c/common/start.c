#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpus.h"
#include "env.h"
#include "fds.h"
#include "init.h"
#include "message.h"
#include "ns.h"
#include "record.h"
#include "run.h"
#include "supervise.h"
#include "text.h"

struct start {
	const struct plan *plan;
	char **caller; /* the caller's environment */
	char **env;    /* the program's */
	char **command;
};

static size_t words_count(char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

static size_t words_add(char **list, size_t count, char *const *words)
{
	for (size_t i = 0; words && words[i]; i++)
		list[count++] = words[i];
	return count;
}

static int no_memory(void)
{
	return message_keep("preparing the program: out of memory", NULL);
}

/* Everything that can be made before anything is changed. */
static int start_prepare(struct start *start, const struct plan *plan, char **words, char **env)
{
	char **prefix = plan_words(plan, PLAN_PREFIX);
	size_t count = 0;

	if (!words || !words[0])
		words = plan_words(plan, PLAN_COMMAND);
	*start = (struct start){ .plan = plan, .caller = env };
	if (!words && !prefix)
		return message_keep("applying ", plan->name,
				    ": no command is given, and the plan has none", NULL);
	start->command = calloc(words_count(prefix) + words_count(words) + 1, sizeof(char *));
	start->env = env_build(plan, env);
	if (!start->command || !start->env)
		return no_memory();
	count = words_add(start->command, count, prefix);
	words_add(start->command, count, words);
	return 0;
}

static int engine_start(void *what, int control)
{
	struct start *start = what;
	char **engine = plan_words(start->plan, PLAN_ENGINE);
	char **env = env_engine(start->plan, start->env);
	char **list = calloc(words_count(engine) + words_count(start->command) + 6, sizeof *list);
	char number[TEXT_DECIMAL];
	char *between[] = { plan_words(start->plan, PLAN_ENGINE_INIT)[0], (char[]){ "--init" },
			    text_decimal(number, control), env_engine_names(start->plan),
			    (char[]){ "--" }, NULL };

	if (!env || !list || !between[3]) {
		no_memory();
		return message_print(RUN_FAILED);
	}
	words_add(list, words_add(list, words_add(list, 0, engine), between), start->command);
	fcntl(control, F_SETFD, 0);
	execve(engine[0], list, env);
	message_keep("starting the engine ", engine[0], ": ", text_error(errno), NULL);
	return message_print(RUN_FAILED);
}

/* Into the container; from then on others can join. */
static int container_enter(const struct plan *plan, char *const *env)
{
	struct record record;

	record_open(&record, plan);
	if (ns_enter(plan, env))
		return -1;
	record_write(&record);
	return 0;
}

/*
 * The child of start_and_wait: an init of our own stands between us and the program, as with an
 * engine.
 */
static int namespace_start(void *what, int control)
{
	struct start *start = what;

	if (container_enter(start->plan, start->caller))
		return message_print(RUN_FAILED);
	_exit(init_run(control, start->command, start->env));
}

int start_plan(const struct plan *plan, char **words, char **env)
{
	struct start start;
	int status;

	if (start_prepare(&start, plan, words, env) || cpus_limit(plan) ||
	    fds_close(plan, env, -1))
		return message_print(RUN_FAILED);
	if (plan->first[PLAN_ENGINE]) {
		status = supervise_run(engine_start, &start, 1, plan_words(plan, PLAN_ENGINE)[0]);
		record_remove(plan);
		return status;
	}
	if (container_enter(plan, env))
		return message_print(RUN_FAILED);
	return message_print(run_program(start.command, start.env));
}

static int waited_start(void *what, int control)
{
	struct start *start = what;

	/* Here and not before: the parent needs its descriptors for what comes after. */
	if (fds_close(start->plan, start->caller, control))
		return message_print(RUN_FAILED);
	return start->plan->first[PLAN_ENGINE] ? engine_start(start, control)
					       : namespace_start(start, control);
}

int start_and_wait(const struct plan *plan, char **env)
{
	struct start start;
	int status;

	if (start_prepare(&start, plan, NULL, env) || cpus_limit(plan))
		return message_print(RUN_FAILED);
	status = supervise_run(waited_start, &start, plan->first[PLAN_ENGINE] != NULL,
			       "the namespace");
	record_remove(plan);
	return status;
}
