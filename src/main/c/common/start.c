#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../fake/launch.h"
#include "cpus.h"
#include "env.h"
#include "fds.h"
#include "init.h"
#include "message.h"
#include "ns.h"
#include "record.h"
#include "run.h"
#include "runtime.h"
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

/* The engine's words, then BETWEEN, then the command; NULL when out of memory. */
static char **engine_words(const struct start *start, char *const *between)
{
	char **engine = plan_words(start->plan, PLAN_ENGINE);
	char **list = calloc(words_count(engine) + words_count(between) +
				     words_count(start->command) + 1,
			     sizeof *list);

	if (list)
		words_add(list, words_add(list, words_add(list, 0, engine), between),
			  start->command);
	return list;
}

static int engine_failed(const char *engine)
{
	message_keep("starting the engine ", engine, ": ", text_error(errno), NULL);
	return message_print(RUN_FAILED);
}

/* Starts our init in the engine. */
static int engine_start(void *what, int control)
{
	struct start *start = what;
	char **env = env_engine(start->plan, start->env);
	char number[TEXT_DECIMAL], **list;
	char *between[] = { plan_words(start->plan, PLAN_ENGINE_INIT)[0], (char[]){ "--init" },
			    text_decimal(number, control), env_engine_names(start->plan),
			    (char[]){ "--" }, NULL };

	list = engine_words(start, between);
	if (!env || !list || !between[3]) {
		no_memory();
		return message_print(RUN_FAILED);
	}
	fcntl(control, F_SETFD, 0);
	execve(list[0], list, env);
	return engine_failed(list[0]);
}

/* Of an engine that needs no init. An ignored SIGCHLD would hide from it how the program ended. */
static int engine_become(const struct start *start)
{
	char **env = env_engine(start->plan, start->env);
	char *between[] = { env_engine_names(start->plan), NULL };
	char **list = engine_words(start, between);

	if (!env || !list || !between[0]) {
		no_memory();
		return message_print(RUN_FAILED);
	}
	signal(SIGCHLD, SIG_DFL);
	execve(list[0], list, env);
	return engine_failed(list[0]);
}

/* The child of start_and_wait: the init stays outside, as the parent of the engine. */
static int engine_under_init(struct start *start, int control)
{
	char *between[] = { env_engine_names(start->plan), NULL };

	start->env = env_engine(start->plan, start->env);
	start->command = engine_words(start, between);
	if (!start->env || !start->command || !between[0]) {
		no_memory();
		return message_print(RUN_FAILED);
	}
	_exit(init_run(control, start->command, start->env));
}

static int needs_init(const struct plan *plan)
{
	return plan->first[PLAN_ENGINE_INIT] != NULL;
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

/* To where the program is found: no engine stands there. */
static int place_enter(const struct start *start)
{
	return start->plan->first[PLAN_FAKE] ? launch_enter(start->plan, start->env)
					     : container_enter(start->plan, start->caller);
}

/*
 * The child of start_and_wait: an init of our own stands between us and the program, as with an
 * engine.
 */
static int place_start(void *what, int control)
{
	struct start *start = what;

	if (place_enter(start))
		return message_print(RUN_FAILED);
	_exit(init_run(control, start->command, start->env));
}

static int has_inside(const struct plan *plan)
{
	return plan->first[PLAN_RUNTIME] || plan->first[PLAN_ENGINE_INSIDE];
}

/* Likewise; the init is in the container that the runtime or engine makes. */
static int inside_start(void *what, int control)
{
	const struct start *start = what;
	const struct runtime_start runtime = {
		.plan = start->plan,
		.caller = start->caller,
		.env = start->env,
		.command = start->command,
	};

	return start->plan->first[PLAN_RUNTIME] ? runtime_become(&runtime, control)
						: runtime_engine(&runtime, control);
}

int start_plan(const struct plan *plan, char **words, char **env)
{
	struct start start;
	int status;

	if (start_prepare(&start, plan, words, env) || cpus_limit(plan) ||
	    fds_close(plan, env, -1))
		return message_print(RUN_FAILED);
	if (has_inside(plan)) {
		status = supervise_run(inside_start, &start, 0,
				       plan->first[PLAN_RUNTIME]
					       ? plan_words(plan, PLAN_RUNTIME)[1]
					       : plan_words(plan, PLAN_ENGINE)[0]);
		record_remove(plan);
		return status;
	}
	if (needs_init(plan)) {
		status = supervise_run(engine_start, &start, 1, plan_words(plan, PLAN_ENGINE)[0]);
		record_remove(plan);
		return status;
	}
	if (plan->first[PLAN_ENGINE])
		return engine_become(&start);
	if (place_enter(&start))
		return message_print(RUN_FAILED);
	return message_print(run_program(start.command, start.env));
}

static int waited_start(void *what, int control)
{
	struct start *start = what;

	/* Here and not before: the parent needs its descriptors for what comes after. */
	if (fds_close(start->plan, start->caller, control))
		return message_print(RUN_FAILED);
	if (has_inside(start->plan))
		return inside_start(start, control);
	if (needs_init(start->plan))
		return engine_start(start, control);
	return start->plan->first[PLAN_ENGINE] ? engine_under_init(start, control)
					       : place_start(start, control);
}

int start_and_wait(const struct plan *plan, char **env)
{
	struct start start;
	int status;

	if (start_prepare(&start, plan, NULL, env) || cpus_limit(plan))
		return message_print(RUN_FAILED);
	status = supervise_run(waited_start, &start, needs_init(plan),
			       plan->first[PLAN_ENGINE] || plan->first[PLAN_RUNTIME] ? "the engine"
			       : plan->first[PLAN_FAKE]			     ? "the mode"
									     : "the namespace");
	record_remove(plan);
	return status;
}
