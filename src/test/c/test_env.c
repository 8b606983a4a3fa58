/* The environment: patterns, what is kept, the order, and an engine's own variables. */
#include "check.h"

#include "common/env.h"
#include "common/init.h"
#include "common/run.h"

#define HEAD "berth-plan 1\nuid 7\nmode P2\nengine /e\nengine-init /i\n"

static char joined[1000];

/* The variables with a blank between them. */
static const char *join(char **env)
{
	joined[0] = 0;
	for (; *env; env++)
		strcat(strcat(joined, *env), env[1] ? " " : "");
	return joined;
}

static struct plan read_plan(const char *lines)
{
	char *text = malloc(strlen(HEAD) + strlen(lines) + 8);
	struct plan plan;

	strcpy(text, HEAD);
	strcat(strcat(text, lines), "end\n");
	if (plan_parse(&plan, "the plan", text, strlen(text)))
		abort();
	return plan;
}

static void test_patterns(void)
{
	static const struct {
		const char *glob;
		const char *name;
		int matches;
	} cases[] = {
		{ "*", "PATH", 1 },
		{ "*", "", 1 },
		{ "PATH", "PATH", 1 },
		{ "PATH", "PATHS", 0 },
		{ "PATH", "PAT", 0 },
		{ "SLURM_*", "SLURM_JOB_ID", 1 },
		{ "SLURM_*", "SLURM_", 1 },
		{ "SLURM_*", "SLURM", 0 },
		{ "*_ID", "SLURM_JOB_ID", 1 },
		{ "*_ID", "SLURM_IDS", 0 },
		{ "P?TH", "PATH", 1 },
		{ "P?TH", "PTH", 0 },
		{ "*A*B*", "xxAyyByy", 1 },
		{ "*A*B*", "xxByyAyy", 0 },
		{ "**", "x", 1 },
		{ "?", "", 0 },
		{ "a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", 0 },
		{ "[AB]", "A", 0 },
		{ "*?", "x", 1 },
	};
	char sentence[100];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(sentence, sizeof sentence, "pattern %s %s name '%s'", cases[i].glob,
			 cases[i].matches ? "matches" : "does not match", cases[i].name);
		check(env_matches(cases[i].glob, cases[i].name, strlen(cases[i].name)) ==
			      cases[i].matches,
		      sentence);
	}
}

static void test_build(const char *lines, const char *wanted, const char *sentence)
{
	char *caller[] = { (char[]){ "B=2" }, (char[]){ "A=1" }, (char[]){ "B=3" },
			   (char[]){ "PMI_FD=9" }, (char[]){ "X=\xff=y" }, NULL };
	struct plan plan = read_plan(lines);

	check_text(join(env_build(&plan, caller)), wanted, sentence);
	plan_free(&plan);
}

static void test_builds(void)
{
	test_build("", "", "nothing is kept that is not named");
	test_build("keep-env *\n", "B=2 A=1 B=3 PMI_FD=9 X=\xff=y",
		   "all is kept in order, with its bytes, twice where it was twice");
	test_build("keep-env *\ndrop-env ?\n", "PMI_FD=9", "dropping wins over keeping");
	test_build("keep-env *\nkeep-env A\ndrop-env ?\n", "A=1 PMI_FD=9",
		   "but not over one that is named in full");
	test_build("keep-env A\nkeep-env PMI*\n", "A=1 PMI_FD=9", "several patterns add up");
	test_build("keep-env A\ndefault-env A 5\ndefault-env C 6\n", "A=1 C=6",
		   "a default is for what is not kept");
	test_build("default-env A 5\n", "A=5", "a default counts when the caller's is not kept");
	test_build("keep-env *\nset-env B 7\n", "A=1 PMI_FD=9 X=\xff=y B=7",
		   "a setting replaces all of the caller's");
	test_build("default-env C 5\nset-env C 6\nset-env D 1\nset-env C %\n", "D=1 C=",
		   "the last setting counts, over a default");
	test_build("keep-env A\nset-env S 1\ndefault-env D 1\n", "A=1 D=1 S=1",
		   "kept ones, defaults, settings come in this order");
}

static void test_engine(void)
{
	char *env[] = { (char[]){ "A=1" }, (char[]){ "PROOT=x" }, (char[]){ "AB=2" }, NULL };
	struct plan plan = read_plan("engine-env PROOT 1\nengine-env A 2\n");
	struct plan none = read_plan("");
	char **all = env_engine(&plan, env);

	check_text(join(all), "AB=2 PROOT=1 A=2", "the engine's variables replace the program's");
	check_text(env_engine_names(&plan), "PROOT,A", "their names make a list");
	check_text(env_engine_names(&none), "-", "no names are written -");
	init_forget(all, "PROOT,A");
	check_text(join(all), "AB=2", "the init takes them out again, and only them");
	init_forget(env, "-");
	check_text(join(env), "A=1 PROOT=x AB=2", "with - nothing is taken out");
	check_text(run_variable(env, "A"), "1", "a variable is found by its whole name");
	check_text(run_variable(env, "B"), NULL, "an absent variable is not found");
	plan_free(&plan);
	plan_free(&none);
}

int main(void)
{
	test_patterns();
	test_builds();
	test_engine();
	return check_done();
}

/* What env.c takes is for the life of the process. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
