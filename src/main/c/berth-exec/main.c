/* berth-exec: applies a launch plan (docs/formats/launch-plan.md) and becomes the program. */
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../common/check.h"
#include "../common/init.h"
#include "../common/message.h"
#include "../common/run.h"
#include "../common/start.h"

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
	if (words[0] && !strcmp(words[0], "--"))
		words++;
	return start_plan(&plan, words, env);
}

int main(int count, char **argv, char **env)
{
	if (count >= 2 && !strcmp(argv[1], "--init"))
		return init_main(argv + 2, env);
	if (count == 3 && !strcmp(argv[1], "--probe"))
		return probe(argv[2], 0);
	if (count == 3 && !strcmp(argv[1], "--probe-filter"))
		return probe(argv[2], 1);
	if (count == 2 && !strcmp(argv[1], "--version"))
		return write(1, version, sizeof version - 1) < 0;
	if (count == 3 && !strcmp(argv[1], "--check"))
		return plan_check(argv[2]);
	if (count >= 2 && argv[1][0] != '-')
		return plan_run(argv[1], argv + 2, env);
	message_keep("berth-exec: wanted PLAN [--] [COMMAND ARG...], or --check PLAN, or --version",
		     NULL);
	return message_print(RUN_FAILED);
}
