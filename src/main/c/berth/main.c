/* bin/berth: runs the Java side, and becomes the program when the answer is a launch plan. The help needs no Java. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/check.h"
#include "../common/ids.h"
#include "../common/message.h"
#include "../common/plan.h"
#include "../common/run.h"
#include "../common/start.h"
#include "../common/text.h"
#include "cached.h"
#include "front.h"
#include "help.h"
#include "hide.h"
#include "jvm.h"

/* A JVM without a working directory ends with 1, which would pass for the status of a program. */
static int folder_find(char folder[PATH_MAX])
{
	if (getcwd(folder, PATH_MAX))
		return 0;
	message_keep("finding the working directory: ", text_error(errno), NULL);
	message_hint("go to a folder that exists, then try again", NULL);
	return -1;
}

/* What Java answers when it finds, with the quick options, that there is much to do. */
static int is_again(const struct front_answer *answer)
{
	static const char again[] = "again\n";

	return answer->size == sizeof again - 1 && !memcmp(answer->text, again, answer->size);
}

/* Adds a setting for Java; 0, or -1 when out of memory. */
static int setting_add(struct front *front, const char *name, const char *value)
{
	size_t count = 0;
	char **settings, *setting = malloc(strlen(name) + strlen(value) + 1);

	while (front->hidden && front->hidden[count])
		count++;
	settings = realloc(front->hidden, (count + 2) * sizeof *settings);
	if (!settings || !setting)
		return message_keep("starting Java: out of memory", NULL);
	settings[count] = strcat(strcpy(setting, name), value);
	settings[count + 1] = NULL;
	front->hidden = settings;
	return 0;
}

/*
 * Java's answer when files belong to subordinate ids: this process goes where they are the caller's, by the words of
 * `subids`, so that Java can be started there. 1, 0 for another answer, or -1 with a message.
 */
static int is_among_ids(struct front *front, struct front_answer *answer)
{
	static const char ids[] = "ids ";
	char *word[IDS_WORDS], *at = answer->text, *end = at + answer->size;

	if (answer->size < sizeof ids || memcmp(at, ids, sizeof ids - 1))
		return 0;
	at += sizeof ids - 1;
	for (int i = 0; i < IDS_WORDS; i++) {
		char *stop = memchr(at, i + 1 < IDS_WORDS ? ' ' : '\n', (size_t)(end - at));

		if (!stop || plan_word(at, stop))
			return message_keep("reading the answer of Java: its ids are damaged", NULL);
		word[i] = at;
		at = stop + 1;
	}
	if (at != end || ids_fault(word))
		return message_keep("reading the answer of Java: its ids are damaged", NULL);
	return ids_unshare(CLONE_NEWUSER, word) || setting_add(front, "BERTH_FRONT_IDS=", "1") ? -1 : 1;
}

/* Runs Java, with what it takes. */
static int answer_get(struct front *front, char **args, int quiet, struct front_answer *answer)
{
	int status = front_run(front, args, quiet, answer), among;

	if (!status && is_again(answer)) {
		free(answer->text);
		front->much = 1;
		status = front_run(front, args, quiet, answer);
	}
	among = status ? 0 : is_among_ids(front, answer);
	if (among < 0)
		return message_print(RUN_FAILED);
	if (among) {
		free(answer->text);
		status = front_run(front, args, quiet, answer);
	}
	front->much = 0;
	/* A JVM that cannot start, or breaks, ends with 1, which would pass for the program's. */
	return status == 1 && jvm_runs_program(args) ? RUN_FAILED : status;
}

static int plan_apply(const struct front *front, struct front_answer *answer)
{
	struct front later = *front;
	struct front_answer nothing;
	struct plan plan;
	char **after;
	int status;

	if (plan_parse(&plan, "the answer of Java", answer->text, answer->size) ||
	    check_holds(&plan))
		return message_print(RUN_FAILED);
	after = plan_words(&plan, PLAN_AFTER);
	if (!after)
		return start_plan(&plan, NULL, front->env);
	status = start_and_wait(&plan, front->env);
	later.hidden = NULL;
	answer_get(&later, after, 1, &nothing);
	return status;
}

/* `explain` tells what `run` would do. */
static int cache_tell(struct front *front, struct cached *cached)
{
	struct cached_plan found;
	int missing = cached_load(cached, &found);
	char *why = strndup(missing ? message_kept() : "yes", PATH_MAX);

	message_forget();
	cached_drop(&found);
	cached_close(cached);
	return why ? setting_add(front, "BERTH_FRONT_CACHED=", why) : -1;
}

/*
 * Starts what was kept of an earlier run. Returns only when Java has to be started, with -1, or when
 * the start has failed, with its status.
 */
static int cache_use(struct front *front, struct cached *cached, char **args)
{
	struct cached_plan found;

	if (cached->folder < 0)
		return -1;
	if (strcmp(jvm_command(args), "run"))
		return cache_tell(front, cached) ? message_print(RUN_FAILED) : -1;
	if (!cached_wait(cached, &found) && !cached_begin(&found)) {
		cached_close(cached);
		return start_plan(&found.plan, NULL, front->env);
	}
	message_forget();
	return setting_add(front, "BERTH_FRONT_PLAN=", cached->path) ? message_print(RUN_FAILED) : -1;
}

int main(int count, char **argv, char **env)
{
	struct front_answer answer;
	struct cached cached;
	char root[JVM_ROOT_ROOM], folder[PATH_MAX];
	struct front front = { .root = root, .name = count ? argv[0] : "berth", .env = env };
	char **args = argv + (count ? 1 : 0);
	int status;

	if (jvm_root(root))
		return message_print(RUN_FAILED);
	status = help_print(root, front.name, args);
	if (status >= 0)
		return status;
	if (folder_find(folder))
		return message_print(RUN_FAILED);
	front.hidden = hide_words(args);
	if (!front.hidden) {
		message_keep("reading the command line: out of memory", NULL);
		return message_print(RUN_FAILED);
	}
	cached_open(&cached, &front, args, folder);
	status = cache_use(&front, &cached, args);
	if (status >= 0)
		return status;
	status = answer_get(&front, args, 0, &answer);
	cached_done(&cached);
	if (status || !answer.size)
		return status;
	return plan_apply(&front, &answer);
}
