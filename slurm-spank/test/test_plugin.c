/* The callbacks, in a Slurm that is played and with a berth that only takes notes. */
#include "fake_spank.h"

#include <arpa/inet.h>
#include <glob.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "../plugin.c"
#include "agree.h"
#include "check.h"

#define PINNED "r/solver@sha256:00"

static char home[64], home_word[80], node_word[80], calls[128];

static const char *file_text(const char *path)
{
	static char text[8192];
	FILE *file = fopen(path, "r");
	size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;

	text[size] = 0;
	if (file)
		fclose(file);
	return text;
}

static int count_of(const char *text, const char *part)
{
	int count = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

/* BODY is what berth does when it has noted its words and its folder. */
static void berth_is(const char *body)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/bin/berth", home);
	file = fopen(path, "w");
	fprintf(file, "#!/bin/sh\nprintf '%%s|' \"$@\" >> %s; echo \" in $SLURM_SUBMIT_DIR\" >> %s\n%s\n", calls, calls,
		body);
	fclose(file);
	chmod(path, 0700);
}

static const char prepares[] =
	"case $4 in --step=*) s=${4#--step=};; *) s=${5#--step=};; esac\n"
	"sleep 0.2; d=$(pwd)/node/berth-$(id -u)/jobs/7.0/$s; mkdir -p $d; : > $d/ready";

/* A new Slurm process; WORDS are those of the command. */
static void begin(spank_context_t context, uint32_t step, const char *const *words)
{
	slurm_spank_exit(NULL, 0, NULL);
	unlink(fake.log);
	unlink(calls);
	for (int i = 0; fake.env[i]; i++) {
		free(fake.env[i]);
		fake.env[i] = NULL;
	}
	fake.context = context;
	fake.step = step;
	fake.options = 0;
	for (fake.argc = 0; words[fake.argc]; fake.argc++)
		fake.argv[fake.argc] = (char *)(uintptr_t)words[fake.argc];
	unsetenv(RANK_PINNED);
	check(!slurm_spank_init(NULL, 2, (char *[]){ home_word, node_word }), "init goes well");
}

static int give(const char *name, const char *value)
{
	for (int i = 0; i < fake.options; i++)
		if (!strcmp(fake.option[i]->name, name))
			return fake.option[i]->cb(fake.option[i]->val, value, 0);
	return -2;
}

static const char *const app[] = { "app", "x", NULL };

static void srun_pinned(void)
{
	setenv(RANK_PLAN, "/an/outer/plan", 1);
	begin(S_CTX_LOCAL, 0, app);
	check(!give("container-image", PINNED) && !give("container-mounts", "/a:/b"), "options are taken");
	check(!slurm_spank_init_post_opt(NULL, 0, NULL) && !slurm_spank_local_user_init(NULL, 0, NULL), "srun goes on");
	check(is_launcher(fake.argv[0]) && !strncmp(fake.argv[0], home, strlen(home)), "the launcher is sent");
	check_text(fake.argv[1], "x", "the other words stay");
	check_text(getenv(RANK_COMMAND), "app", "the command's first word goes beside it");
	check_text(getenv(RANK_PREPARE), "--hostenv --entrypoint= --volume=/a:/b:rw " PINNED, "and the words");
	check_text(getenv(RANK_PLAN), NULL, "an outer step's plan is forgotten");
	check_text(file_text(calls), "", "without a JVM");
	free(fake.argv[0]);
}

static void srun_alone(void)
{
	setenv(RANK_PREPARE, "outer", 1);
	begin(S_CTX_LOCAL, 0, app);
	check(!slurm_spank_init_post_opt(NULL, 0, NULL) && !slurm_spank_local_user_init(NULL, 0, NULL), "srun goes on");
	check_text(fake.argv[0], "app", "a step without a container is left alone");
	check_text(getenv(RANK_PREPARE), NULL, "and does not inherit one");
	give("container-mounts", "/a:/b");
	slurm_spank_init_post_opt(NULL, 0, NULL);
	check_text(file_text(fake.log), "berth: --container-mounts does nothing without --container-image\n",
		   "an option without effect is told");
}

static void tags(void)
{
	char sent[256];

	berth_is("echo " PINNED);
	begin(S_CTX_ALLOCATOR, 0, app);
	give("container-image", "r#solver:2");
	check(!slurm_spank_init_post_opt(NULL, 0, NULL), "sbatch goes on");
	check(count_of(file_text(calls), "--quiet|node|pin|r/solver:2|") == 1, "the tag is looked up");
	check_text(getenv(RANK_PINNED), "r/solver:2 " PINNED, "and noted for the job");
	check_text(fake_control, "SPANK_BERTH_IMAGE=" PINNED, "and told to prologs");
	snprintf(sent, sizeof sent, "%s", getenv(RANK_PINNED));
	begin(S_CTX_LOCAL, 0, app);
	setenv(RANK_PINNED, sent, 1);
	give("container-image", "r#solver:2");
	check(!slurm_spank_init_post_opt(NULL, 0, NULL) && strstr(prepare_line, PINNED), "its steps know it");
	check_text(file_text(calls), "", "without asking again");
	begin(S_CTX_LOCAL, 0, app);
	setenv(RANK_PINNED, sent, 1);
	give("container-image", "r#solver");
	check(!slurm_spank_init_post_opt(NULL, 0, NULL) && count_of(file_text(calls), "pin"), "another name is asked");
}

/* One srun of job 5; how often berth was asked. */
static int asked_by_step(void)
{
	begin(S_CTX_LOCAL, 0, app);
	setenv("SLURM_JOB_ID", "5", 1);
	give("container-image", "r#solver:2");
	check(!slurm_spank_init_post_opt(NULL, 0, NULL) && strstr(prepare_line, PINNED), "srun knows the digest");
	return count_of(file_text(calls), "node|pin");
}

static void tags_of_a_job(void)
{
	struct timespec old[2] = { { .tv_sec = time(NULL) - PIN_SECONDS }, { .tv_sec = time(NULL) - PIN_SECONDS } };
	char path[PATH_MAX], own[128], command[512];
	glob_t found;

	berth_is("echo " PINNED);
	check(asked_by_step() == 1 && asked_by_step() == 1, "where the job has no place, each step asks");
	snprintf(own, sizeof own, "%s/node/berth-%u", home, getuid());
	snprintf(path, sizeof path, "mkdir -p %s/jobs/5.0 && chmod 700 %s", own, own);
	check(!system(path), "the first step has been here");
	check(asked_by_step() == 1 && asked_by_step() == 0, "then one asks for all");
	chmod(own, 0777);
	check(asked_by_step() == 1, "what others may have written does not count");
	chmod(own, 0700);
	snprintf(path, sizeof path, "%s/jobs/5.0/.pins/*", own);
	check(!glob(path, 0, NULL, &found) && found.gl_pathc == 1, "no draft is left");
	setenv("BERTH_REGISTRY_MIRRORS", "r=other", 1);
	check(asked_by_step() == 1, "other settings, another answer");
	unsetenv("BERTH_REGISTRY_MIRRORS");
	check(asked_by_step() == 0 && !utimensat(AT_FDCWD, found.gl_pathv[0], old, 0), "it is there");
	check(asked_by_step() == 1 && asked_by_step() == 0, "an old answer is asked for again");
	globfree(&found);
	unsetenv("SLURM_JOB_ID");
	snprintf(command, sizeof command, "rm -rf %s/node", home);
	check(!system(command), "the node is empty");
}

static void refusals(void)
{
	begin(S_CTX_LOCAL, 0, app);
	give("container-image", "i,");
	give("container-env", "A,");
	check(slurm_spank_init_post_opt(NULL, 0, NULL) == -1, "a bad value ends srun");
	check_text(file_text(fake.log), "error: berth: --container-env: 'A,' has a comma too many\n", "with a message");
	berth_is("echo 'berth: no such image' >&2; echo 'hint: spell it right' >&2; exit 1");
	begin(S_CTX_LOCAL, 0, app);
	give("container-image", "nosuch");
	check(slurm_spank_init_post_opt(NULL, 0, NULL) == -1, "so does an image that is not there");
	check_text(file_text(fake.log), "error: berth: no such image\nerror: hint: spell it right\n", "as berth says it");
	berth_is("kill -9 $$");
	begin(S_CTX_LOCAL, 0, app);
	give("container-image", "nosuch");
	check(slurm_spank_init_post_opt(NULL, 0, NULL) == -1 && strstr(file_text(fake.log), "no answer"),
	      "and a berth that is killed");
	begin(S_CTX_LOCAL, 0, app);
	check(slurm_spank_init(NULL, 1, (char *[]){ "hom=/x" }) == -1 &&
		      strstr(file_text(fake.log), "'hom=/x' is not known"),
	      "a wrong word in plugstack.conf stops srun");
	fake.context = S_CTX_REMOTE;
	check(!slurm_spank_init(NULL, 1, (char *[]){ "hom=/x" }), "but never a node");
}

static void multi_prog(void)
{
	char path[128], words[] = "0 date\n1 hostname\n";
	FILE *file;

	snprintf(path, sizeof path, "%s/multi", home);
	file = fopen(path, "w");
	fputs(words, file);
	fclose(file);
	begin(S_CTX_LOCAL, 0, (const char *[]){ path, words, NULL });
	give("container-image", PINNED);
	check(!slurm_spank_init_post_opt(NULL, 0, NULL), "nothing is known yet");
	check(slurm_spank_local_user_init(NULL, 0, NULL) == -1 && strstr(file_text(fake.log), "--multi-prog"),
	      "--multi-prog is refused");
}

static int several(const char *words, size_t size)
{
	return shape_is_heterogeneous(words, size);
}

static void shapes(void)
{
#define SEVERAL(words) several(words, sizeof words)
	check(SEVERAL("srun\0a\0:\0b"), "a colon parts components");
	check(SEVERAL("srun\0--het-group=0,1\0a") && SEVERAL("srun\0--het-group\0" "0-1\0a"), "so do several groups");
	check(!SEVERAL("srun\0--het-group=1\0a:b\0::"), "one group is none");
	check(!shape_of_self(), "nor is this test");
}

static void others_steps(void)
{
	const uint32_t steps[] = { 0xfffffffb, 0xfffffffc, 0xfffffffa };

	for (int i = 0; i < 3; i++) {
		begin(S_CTX_REMOTE, steps[i], app);
		spank_setenv(NULL, RANK_PREPARE, PINNED, 1);
		spank_setenv(NULL, "SLURM_JOB_ID", "7", 1);
		check(!slurm_spank_init_post_opt(NULL, 0, NULL) && !slurm_spank_task_init(NULL, 0, NULL) &&
			      !strcmp(fake.argv[0], "app") && !fake_value(RANK_PLAN),
		      "batch, extern and interactive steps are left alone");
	}
}

/* A task; says what it became by its exit status: 0 with a plan, 1 refused, 2 neither. */
static pid_t task(void)
{
	pid_t pid = fork();

	if (!pid) {
		int bad = slurm_spank_task_init(NULL, 0, NULL) || !is_launcher(fake.argv[0]) ||
			  strcmp(fake_value(RANK_COMMAND), "app");

		/* not exit: the checks of the parent are not to be printed again */
		_exit(bad ? 2 : fake_value(RANK_PLAN) ? 0 : fake_value(RANK_REFUSED) && !*fake_value(RANK_REFUSED) ? 1 : 2);
	}
	return pid;
}

static void node_begin(const char *const *words)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf %s/node", home);
	check(!system(command), "the node is empty");
	begin(S_CTX_REMOTE, 0, words);
	spank_setenv(NULL, "PATH", getenv("PATH"), 1);
	spank_setenv(NULL, RANK_PREPARE, "--volume=./d:/d:rw --env=A%20B " PINNED, 1);
	spank_setenv(NULL, RANK_COMMAND, "app", 1);
	spank_setenv(NULL, "SLURM_JOB_ID", "7", 1);
	check(!slurm_spank_init_post_opt(NULL, 0, NULL) && gate, "there is a gate");
}

static int tasks(int count, int *status)
{
	int same = 1;

	for (int i = 0; i < count; i++)
		task();
	for (int i = 0, got; i < count; i++) {
		wait(&got);
		same &= !i || got == *status;
		*status = got;
	}
	return same;
}

static void node(void)
{
	static const char *const swapped[] = { "/elsewhere/libexec/berth-rank", "x", NULL };
	char wanted[512];
	const char *asked;
	int status;

	berth_is(prepares);
	node_begin(swapped);
	check(tasks(8, &status) && !status, "eight tasks get a plan and the launcher of this node");
	asked = file_text(calls);
	check(count_of(asked, "prepare") == 1, "prepared once");
	snprintf(wanted, sizeof wanted, "|--volume=%s/./d:/d:rw|--env=A B|" PINNED "| in %s", home, home);
	check(strstr(asked, wanted) != NULL, "with a relative source in the step's folder");
	check(tasks(8, &status) && !status && count_of(file_text(calls), "prepare") == 1, "the next step asks nobody");
	node_begin(app);
	check(tasks(1, &status) && !status, "where srun's exchange did not hold, the node makes it");

	berth_is("echo 'berth: preparing node n1: disk full' >&2; exit 1");
	node_begin(swapped);
	check(tasks(8, &status) && WEXITSTATUS(status) == 1, "all are refused when it fails");
	check(count_of(file_text(calls), "prepare") == 1, "it is tried once");
	check_text(file_text(fake.log), "berth: preparing node n1: disk full\n", "and said once");
	unlink(fake.log);
	berth_is("echo 'berth: still unpacking' >&2; until [ -s log ]; do sleep 0.01; done; echo 'berth: no' >&2; exit 1");
	node_begin(swapped);
	check(tasks(1, &status) && WEXITSTATUS(status) == 1, "what takes long and fails fails");
	check_text(file_text(fake.log), "berth: still unpacking\nberth: no\n", "with what it said meanwhile said at once");
	spank_setenv(NULL, RANK_PREPARE, "%0", 1);
	gate_free(gate);
	gate = gate_make();
	check(tasks(1, &status) && WEXITSTATUS(status) == 1 && strstr(file_text(fake.log), "did not arrive whole"),
	      "a broken line is refused");
}

static void saves(void)
{
	static const char *const swapped[] = { "/elsewhere/libexec/berth-rank", "x", NULL };
	uid_t uid = getuid() ? getuid() : 65534;
	char wanted[128];
	int status;

	chmod(home, 0755);
	berth_is(prepares);
	node_begin(swapped);
	spank_setenv(NULL, RANK_PREPARE, "--save=out.sqsh " PINNED, 1);
	fake.tasks = 2;
	fake.uid = uid;
	check(tasks(2, &status) && !status, "tasks are prepared");
	check(count_of(file_text(calls), home) && strstr(file_text(calls), "/out.sqsh|"), "for a save in the step's folder");
	berth_is("echo \"berth: $(id -u) $SLURM_JOB_ID $SLURM_RESTART_COUNT $3 $4 ${5%-*}\" >&2; exit 1");
	chmod("bin", 0755);
	chmod(calls, 0666);
	chmod("bin/berth", 0755);
	slurm_spank_task_exit(NULL, 0, NULL);
	check_text(file_text(fake.log), "", "nothing while a task runs");
	slurm_spank_task_exit(NULL, 0, NULL);
	snprintf(wanted, sizeof wanted, "berth: %u 7 0 node save --step=srun\n", (unsigned)uid);
	check_text(file_text(fake.log), wanted, "after the last, as the user");
	tasks_ended = 0;
	unlink(fake.log);
	fake.status = SIGTERM;
	slurm_spank_task_exit(NULL, 0, NULL);
	slurm_spank_task_exit(NULL, 0, NULL);
	check_text(file_text(fake.log), "berth: the container is not saved: the step was killed\n", "not what was killed");
	fake.status = 0;
	tasks_ended = 0;
	was_killed = 0;
	fake.node = 1;
	unlink(fake.log);
	slurm_spank_task_exit(NULL, 0, NULL);
	slurm_spank_task_exit(NULL, 0, NULL);
	check_text(file_text(fake.log), "", "nor on another node");
	fake.node = 0;
}

static void batch(void)
{
	static const char *const script[] = { "/spool/slurm_script", "x", NULL };
	int status;

	program_invocation_short_name = (char *)(uintptr_t)"salloc";
	begin(S_CTX_ALLOCATOR, 0, app);
	give("container-image", PINNED);
	give("container-batch", NULL);
	check(!slurm_spank_init_post_opt(NULL, 0, NULL) && !getenv(RANK_SCRIPT), "salloc has no script");
	program_invocation_short_name = (char *)(uintptr_t)"test_plugin";
	begin(S_CTX_ALLOCATOR, 0, app);
	give("container-image", PINNED);
	check(!slurm_spank_init_post_opt(NULL, 0, NULL) && !getenv(RANK_BATCH), "which is only so when asked for");
	berth_is(prepares);
	node_begin(script);
	spank_unsetenv(NULL, RANK_PREPARE);
	spank_setenv(NULL, RANK_BATCH, PINNED, 1);
	spank_setenv(NULL, RANK_COMMAND, script[0], 1);
	fake.step = 0xfffffffb;
	gate_free(gate);
	gate = NULL;
	slurm_spank_init_post_opt(NULL, 0, NULL);
	check(!slurm_spank_task_init(NULL, 0, NULL) && is_launcher(fake.argv[0]) && fake_value(RANK_PLAN), "it is prepared");
	check_text(fake_value(RANK_COMMAND), script[0], "with the script as its command");
	check(strstr(file_text(calls), "|--volume=/spool/slurm_script:/spool/slurm_script:rw|") != NULL, "shown in its place");
	free(fake.argv[0]);
	status = slurm_spank_init(NULL, 1, (char *[]){ "sbatch=script" });
	check(!status && site.batch, "a site may want that for all");
}

/* An sbatch that has read its script from standard input. */
static int sbatch_asks(void)
{
	begin(S_CTX_ALLOCATOR, 0, app);
	give("container-image", PINNED);
	give("container-batch", NULL);
	optind = 1;
	return slurm_spank_init_post_opt(NULL, 0, NULL);
}

/* The sbatch that the plugin has started once more with the copy of the script; its status is 0 when all is well. */
static int sbatch_again(char **argv)
{
	char copy[PATH_MAX];
	int good;

	snprintf(copy, sizeof copy, "%s", getenv(RANK_SCRIPT));
	if (!getcwd(home, sizeof home))
		return 2;
	snprintf(home_word, sizeof home_word, "home=%s", home);
	snprintf(node_word, sizeof node_word, "node_dir=%s/node", home);
	snprintf(fake.log, sizeof fake.log, "%s/log", home);
	good = argv[1] && !strcmp(argv[1], copy) && strstr(file_text(copy), "/libexec/berth-rank /bin/sh\necho\n") != NULL;
	unsetenv(RANK_SCRIPT); /* which the end of the process before would take */
	begin(S_CTX_ALLOCATOR, 0, app);
	setenv(RANK_SCRIPT, copy, 1);
	give("container-image", PINNED);
	give("container-batch", NULL);
	optind = 1;
	good &= !slurm_spank_init_post_opt(NULL, 0, NULL) && !slurm_spank_init_post_opt(NULL, 0, NULL);
	good &= !getenv(RANK_SCRIPT) && access(copy, F_OK);
	good &= getenv(RANK_BATCH) && !strcmp(getenv(RANK_BATCH), "--hostenv --entrypoint= " PINNED);
	return !good;
}

static void script(void)
{
	int status, fd = open("input", O_RDWR | O_CREAT | O_TRUNC, 0600), pair[2];
	pid_t pid = fork();

	if (!pid) {
		dprintf(fd, "#!/bin/sh\necho\n");
		dup2(fd, 0);
		sbatch_asks();
		_exit(9);
	}
	close(fd);
	waitpid(pid, &status, 0);
	check(!status, "sbatch starts once more, with a script that only the launcher runs, and leaves no copy of it");
	fd = dup(0);
	check(!pipe(pair) && !dup2(pair[0], 0), "there is a pipe");
	check(sbatch_asks() == -1 && !getenv(RANK_BATCH), "without such a script nothing is sent");
	check(strstr(file_text(fake.log), "error: berth: sending the batch script: it came through a pipe") != NULL, "and why");
	close(pair[0]);
	close(pair[1]);
	dup2(fd, 0);
	close(fd);
	setenv(RANK_SCRIPT, "/some/other/script", 1);
	check(sbatch_asks() == -1, "a variable alone is no guard");
	unsetenv(RANK_SCRIPT);
}

static void guards(void)
{
	begin(S_CTX_ALLOCATOR, 0, app);
	give("container-image", PINNED);
	setenv(RANK_GUARD, "energy", 1); /* as sbatch does for --profile */
	check(!slurm_spank_init_post_opt(NULL, 0, NULL) && !slurm_spank_init_post_opt(NULL, 0, NULL), "sbatch goes on");
	check_text(getenv(RANK_GUARD), RANK_GUARD_TEXT, "an srun without the plugin will stumble");
	begin(S_CTX_LOCAL, 0, app);
	check_text(getenv(RANK_GUARD), "energy", "one with it does not");
	check_text(getenv(RANK_PROFILE), NULL, "and has the user's value");
	check(!slurm_spank_local_user_init(NULL, 0, NULL) && !strcmp(getenv(RANK_GUARD), "energy"), "in its step too");
	unsetenv(RANK_GUARD);
	begin(S_CTX_ALLOCATOR, 0, app);
	check(!slurm_spank_init_post_opt(NULL, 0, NULL) && !getenv(RANK_GUARD), "a job without a container has no guard");
	setenv(RANK_GUARD, RANK_GUARD_TEXT, 1);
	begin(S_CTX_LOCAL, 0xfffffffa, app);
	check(!getenv(RANK_GUARD) && !slurm_spank_local_user_init(NULL, 0, NULL) &&
		      !strcmp(getenv(RANK_GUARD), RANK_GUARD_TEXT),
	      "the interactive step is sent it");
	unsetenv(RANK_GUARD);
	for (uint32_t step = 0xfffffffa; step <= 0xfffffffb; step++) {
		begin(S_CTX_REMOTE, step, app);
		spank_setenv(NULL, RANK_GUARD, RANK_GUARD_TEXT, 1);
		spank_setenv(NULL, RANK_PROFILE, "energy", 1);
		check(!slurm_spank_task_init(NULL, 0, NULL) && !strcmp(fake_value(RANK_GUARD), "energy"), "a node with it lifts it");
	}
	begin(S_CTX_REMOTE, 0xfffffffb, app);
	spank_setenv(NULL, RANK_GUARD, "energy", 1);
	check(!slurm_spank_task_init(NULL, 0, NULL) && !strcmp(fake_value(RANK_GUARD), "energy"), "which it must be");
}

/* From a process of its own, as a node does. */
static int told(const char *where, const char *node, const char *text)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(tell("127.0.0.1", where, node, text) ? 1 : 0);
	waitpid(pid, &status, 0);
	return !status;
}

/* Says a letter every half second to who listens at WHERE, until it is sent away. */
static pid_t stranger_begin(const char *where)
{
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(where)) };
	pid_t pid = fork();

	if (!pid) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		if (connect(fd, (struct sockaddr *)&peer, sizeof peer))
			_exit(1);
		for (int i = 0; i < 20 && send(fd, "-", 1, MSG_NOSIGNAL) == 1; i++)
			usleep(500000);
		_exit(0);
	}
	usleep(200000);
	return pid;
}

static void messages(void)
{
	char where[64], wrong[64], line[4096], port[16];
	pid_t stranger;

	begin(S_CTX_LOCAL, 0, app);
	give("container-image", PINNED);
	slurm_spank_init_post_opt(NULL, 0, NULL);
	slurm_spank_local_user_init(NULL, 0, NULL);
	check(getenv(RANK_TELL) != NULL, "srun says where it listens");
	snprintf(where, sizeof where, "%s", getenv(RANK_TELL));
	snprintf(wrong, sizeof wrong, "%s", where);
	wrong[strlen(wrong) - 1] ^= 1;
	check(!told(wrong, "n9", "berth: forged\n"), "who does not know the word is not heard");
	check(!told(where, "n 9", "berth: odd\n"), "nor a node of an odd name");
	stranger = stranger_begin(where);
	check(told(where, "n2", "berth: disk full\nhint: make room\n"), "a node is heard, behind a stranger who is slow");
	waitpid(stranger, NULL, 0);
	check_text(file_text(fake.log), "berth: disk full\nhint: make room\n", "at once");
	check(told(where, "n1", "berth: disk full\n") && told(where, "n3", "berth: other\n"), "so are others");
	slurm_spank_exit(NULL, 0, NULL);
	snprintf(line, sizeof line, "berth: disk full\nhint: make room\nberth: nothing ran on 3 nodes: n2,n1,n3 "
				    "(above is why the first could not be prepared)\n");
	check_text(file_text(fake.log), line, "and named at the end");
	check(!told(where, "n1", "late\n"), "who comes later speaks for itself");
	snprintf(port, sizeof port, "%.5s", "1 x");
	check(tell("::1", port, "n1", "x") && tell("127.0.0", port, "n1", "x") && tell("127.0.0.256", port, "n1", "x") &&
		      tell("127.0.0.1", "x", "n1", "x") && tell("127.0.0.1", "70000 x", "n1", "x") &&
		      tell(NULL, port, "n1", "x"),
	      "addresses that are none are not tried");
	free(fake.argv[0]);
	unsetenv(RANK_TELL);
}

static pid_t asking[4];
static int asking_count;

/* A node that says what it can do and waits; exits with 0 if the answer is WANTED. */
static void asks(const char *where, const char *node, const char *able, const char *wanted)
{
	char answer[AGREE_MODE];
	pid_t pid = fork();

	if (!pid)
		_exit(tell_ask("127.0.0.1", where, node, able, 10, answer, sizeof answer) || strcmp(answer, wanted));
	asking[asking_count++] = pid;
}

/* Not any child: the thread that listens has its own. */
static int all_got_it(int count)
{
	int good = count == asking_count, status;

	while (asking_count) {
		waitpid(asking[--asking_count], &status, 0);
		good &= !status;
	}
	return good;
}

static void srun_listens(char where[64])
{
	begin(S_CTX_LOCAL, 0, app);
	give("container-image", PINNED);
	slurm_spank_init_post_opt(NULL, 0, NULL);
	slurm_spank_local_user_init(NULL, 0, NULL);
	snprintf(where, 64, "%s", getenv(RANK_TELL));
}

static void srun_ends(void)
{
	slurm_spank_exit(NULL, 0, NULL);
	free(fake.argv[0]);
	unsetenv(RANK_TELL);
}

static void ports(void)
{
	static const char *const wrong[] = { "ports=", "ports=5", "ports=5-", "ports=9-5", "ports=0-5", "ports=1-65536", "ports=1-5x" };
	char range[] = "ports=43210-43211", wanted[16];
	struct site read;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		check(site_read(&read, "/x", 1, (char *[]){ (char *)(uintptr_t)wrong[i] }), wrong[i]);
	for (unsigned free_one = 43210; free_one <= 43211; free_one++) {
		unsigned other = 43210 + 43211 - free_one;
		struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)other) };
		int taken = socket(AF_INET, SOCK_STREAM, 0);

		check(!bind(taken, (struct sockaddr *)&address, sizeof address), "a port is taken");
		begin(S_CTX_LOCAL, 0, app);
		check(!site_read(&site, "/x", 3, (char *[]){ home_word, node_word, range }), "the site has two ports");
		give("container-image", PINNED);
		slurm_spank_init_post_opt(NULL, 0, NULL);
		slurm_spank_local_user_init(NULL, 0, NULL);
		snprintf(wanted, sizeof wanted, "%u ", free_one);
		check(!strncmp(getenv(RANK_TELL), wanted, strlen(wanted)), "srun listens on the other one");
		srun_ends();
		close(taken);
	}
}

static void agreements(void)
{
	char where[64], answer[AGREE_MODE];

	berth_is("echo P1");
	srun_listens(where);
	asks(where, "n1 3", "n1 R1,P1 x\n", "R1");
	asks(where, "n2 3", "n2 R1 P1: none\n", "R1");
	asks(where, "n3 3", "n3 R1,F1 \n", "R1");
	check(all_got_it(3), "nodes that chose alike are told so");
	check_text(file_text(calls), "", "and nobody is asked");
	asks(where, "n1 3", "n1 R1,P1 x\n", "P1");
	asks(where, "n2 3", "n2 P1 R1: none\n", "P1");
	asks(where, "n3 3", "n3 R1,P1 x\n", "P1");
	check(all_got_it(3), "nodes that differ take what berth finds");
	check(count_of(file_text(calls), "--quiet|node|agree|n") == 1 &&
		      (strstr(file_text(calls), "|n1,n3 R1,P1 x|") || strstr(file_text(calls), "|n3,n1 R1,P1 x|")) &&
		      strstr(file_text(calls), "|n2 P1 R1: none|"),
	      "of nodes that are alike together");
	asks(where, "n1 2", "n1 R1 \n", "-");
	check(told(where, "n2", "berth: disk full\n") && all_got_it(1), "a node that fails ends the waiting of others");
	asks(where, "n1 2", "n1 R1 \n", "-");
	check(all_got_it(1), "and of those that come later");
	check_text(file_text(fake.log), "berth: disk full\n", "with one message");
	srun_ends();
	berth_is("echo 'berth: none works on all' >&2; exit 1");
	srun_listens(where);
	asks(where, "n1 2", "n1 R1 x\n", "-");
	asks(where, "n2 2", "n2 P1 y\n", "-");
	check(all_got_it(2), "nodes with nothing in common run nothing");
	check_text(file_text(fake.log), "berth: none works on all\n", "which is said once");
	check(tell_ask("127.0.0.1", where, "n1", "n1 R1\n", 5, answer, sizeof answer) == -1, "a number of nodes is needed");
	srun_ends();
}

/* Of two nodes of an MPI step, this one: 0 when its first task gets the plan of STEP's end. */
static int turns(const char *end)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		const char *plan;

		_exit(slurm_spank_task_init(NULL, 0, NULL) || !(plan = fake_value(RANK_PLAN)) || !strstr(plan, end));
	}
	waitpid(pid, &status, 0);
	return !status;
}

static const char prepares_able[] =
	"f=; for w; do case $w in --step=*) s=${w#--step=};; --mpi=mpirun) f=1;; esac; done\n"
	"d=$(pwd)/node/berth-$(id -u)/jobs/7.0/$s; mkdir -p $d; echo 'n1 R1,P1 x' > $d/modes\n"
	"echo 'MPICH in P2 may hang' > $d/crowd; [ $f ] || echo 'this image has Open MPI; the step uses --mpi=pmi2' > $d/misfit; : > $d/ready";

/* What an mpirun has srun start on each node, by --mpi=none, has ranks below it. */
static void helpers(const char *where)
{
	static const char *const those[] = { "/usr/bin/orted", "prted", "/opt/mpich/bin/hydra_pmi_proxy", "hydra_bstrap_proxy" };

	char many[128];

	unlink(fake.log);
	spank_unsetenv(NULL, "PMI_FD");
	fake.tasks = 1;
	for (size_t i = 0; i < sizeof those / sizeof *those; i++) {
		unlink(calls);
		spank_setenv(NULL, RANK_COMMAND, those[i], 1);
		spank_setenv(NULL, RANK_PREPARE, i ? PINNED : "--mode=R1 " PINNED, 1);
		gate_free(gate);
		gate = gate_make();
		asks(where, "n2 2", "n2 R1 x\n", "R1");
		check(turns("/plan") && all_got_it(1), those[i]);
		check(count_of(file_text(calls), "|--nodes=2|") == (i == 1), "its nodes say what they can do, unless a mode is named");
		check(count_of(file_text(calls), "|--mpi=mpirun|") == (i < 2), "the plan knows of the mpirun");
	}
	check_text(file_text(fake.log), "", "and none is a rank that would be alone");
	fake.tasks = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN) + 1;
	gate_free(gate);
	gate = gate_make();
	asks(where, "n2 2", "n2 R1 x\n", "R1");
	snprintf(many, sizeof many, "berth: warning: %u ranks on a node of %u processors: MPICH in P2 may hang\n", fake.tasks,
		 fake.tasks - 1);
	check(turns("/plan") && all_got_it(1), "more ranks than processors run");
	check_text(file_text(fake.log), many, "with a warning where they may starve");
	fake.tasks--;
	unlink(fake.log);
	gate_free(gate);
	gate = gate_make();
	asks(where, "n2 2", "n2 R1 x\n", "R1");
	check(turns("/plan") && all_got_it(1) && !*file_text(fake.log), "as many as processors are fine");
	fake.tasks = 4;
	spank_setenv(NULL, RANK_COMMAND, "norted", 1);
	spank_setenv(NULL, RANK_PREPARE, "--env=A=1 " PINNED, 1);
	gate_free(gate);
	gate = gate_make();
	check(turns("/plan") && !strstr(file_text(calls), "mpi"), "other steps without a launcher pay nothing");
}

static void nodes_alike(void)
{
	char where[64], wanted[80];

	srun_listens(where);
	/* its thread stays, while this process plays a node too */
	fake.context = S_CTX_REMOTE;
	berth_is(prepares_able);
	snprintf(wanted, sizeof wanted, "rm -rf %s/node", home);
	check(!system(wanted), "the node is empty");
	spank_setenv(NULL, RANK_PREPARE, PINNED, 1);
	spank_setenv(NULL, RANK_COMMAND, "app", 1);
	spank_setenv(NULL, RANK_TELL, where, 1);
	spank_setenv(NULL, RANK_TELL_HOST, "127.0.0.1", 1);
	spank_setenv(NULL, "SLURM_JOB_ID", "7", 1);
	spank_setenv(NULL, "SLURMD_NODENAME", "n1", 1);
	spank_setenv(NULL, "PMI_FD", "11", 1);
	spank_setenv(NULL, "PATH", getenv("PATH"), 1);
	gate = gate_make();
	fake.nodes = 2;
	fake.tasks = 4;
	asks(where, "n2 2", "n2 R1 x\n", "R1");
	check(turns("/plan") && all_got_it(1), "the node takes what both can do");
	check(count_of(file_text(calls), "|--nodes=2|") == 1 && !strstr(file_text(calls), "agreed"), "which it has prepared");
	check_text(file_text(fake.log), "berth: warning: this image has Open MPI; the step uses --mpi=pmi2: 4 singletons\n",
		   "a misfit is told");
	gate_free(gate);
	gate = gate_make();
	fake.rank = 1;
	asks(where, "n2 2", "n2 R1 x\n", "R1");
	check(turns("/plan") && all_got_it(1) && count_of(file_text(calls), "prepare") == 1, "the next step agrees again");
	check(count_of(file_text(fake.log), "singletons") == 1, "and only rank 0 tells");
	gate_free(gate);
	gate = gate_make();
	fake.rank = 0;
	spank_setenv(NULL, RANK_PREPARE, "--mode=per-node " PINNED, 1);
	check(turns("/plan") && !strstr(strrchr(file_text(calls), '-'), "nodes"), "nodes that may differ do not ask");
	helpers(where);
	spank_setenv(NULL, "PMI_FD", "11", 1);
	spank_setenv(NULL, RANK_COMMAND, "app", 1);
	spank_setenv(NULL, RANK_PREPARE, PINNED, 1);
	spank_unsetenv(NULL, RANK_TELL);
	unlink(fake.log);
	gate_free(gate);
	gate = gate_make();
	check(!turns("/plan") && strstr(file_text(fake.log), "no answer from srun"), "without an answer nothing runs");
	spank_setenv(NULL, RANK_PREPARE, "--mode=R1 " PINNED, 1);
	gate_free(gate);
	gate = gate_make();
	check(turns("/plan"), "unless a mode is named, which is then the same on all nodes");
	spank_setenv(NULL, RANK_TELL, where, 1);
	check(told(where, "n2", "berth: disk full\n"), "another node cannot be prepared");
	unlink(fake.log);
	gate_free(gate);
	gate = gate_make();
	check(!turns("/plan"), "then no rank begins to wait for those of that node");
	check_text(file_text(fake.log), "", "and nothing more is said");
	fake.nodes = 0;
	fake.tasks = 0;
	fake.rank = 0;
	srun_ends();
}

static int die(void *with)
{
	(void)with;
	raise(SIGKILL);
	return 0;
}

static int naps(void *with)
{
	/* the other waits for this */
	if (write(*(int *)with, "", 1) == 1)
		sleep(60);
	return 0;
}

static int count_up(void *with)
{
	++*(int *)with;
	return 0;
}

static void gates(void)
{
	struct gate *mine = gate_make();
	int count = 0, status, inside[2];
	char byte;
	pid_t pid = fork();

	if (!pid)
		gate_pass(mine, 5, die, NULL);
	waitpid(pid, &status, 0);
	check(gate_pass(mine, 5, count_up, &count) == GATE_OPEN && count == 1, "the next does what a killed one did not");
	gate_free(mine);
	mine = gate_make();
	check(!pipe(inside), "there is a pipe");
	pid = fork();
	if (!pid) {
		gate_pass(mine, 5, naps, &inside[1]);
		_exit(0);
	}
	check(read(inside[0], &byte, 1) == 1, "another is inside");
	check(gate_pass(mine, 1, count_up, &count) == GATE_LATE && count == 1, "waiting has an end");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	gate_free(mine);
}

#ifdef NEWER_SLURM
/* What a newer Slurm has; the plugin looks it up by name when it runs. */
static int prepended, newer_slurm;
static char prepended_word[PATH_MAX];

__attribute__((visibility("default"))) spank_err_t spank_prepend_task_argv(spank_t spank, int argc, const char *argv[]);

spank_err_t spank_prepend_task_argv(spank_t spank, int argc, const char *argv[])
{
	(void)spank;
	prepended += argc;
	snprintf(prepended_word, sizeof prepended_word, "%s", argv[0]);
	return newer_slurm ? ESPANK_SUCCESS : ESPANK_ERROR;
}

/* Such a Slurm may hand out a copy of the words: the exchange that srun made did not hold then. */
static void newer(void)
{
	newer_slurm = 1;
	berth_is(prepares);
	node_begin(app);
	check(!slurm_spank_task_init(NULL, 0, NULL) && prepended == 1 && is_launcher(prepended_word),
	      "a newer Slurm puts the launcher in front");
	check_text(fake.argv[0], "app", "the words stay as they are");
	check(!fake_value(RANK_COMMAND) && fake_value(RANK_PLAN), "and the command is all of them");
	newer_slurm = 0;
	check(slurm_spank_task_init(NULL, 0, NULL) == -1, "and a refusal of Slurm's is the task's");
}

static void tests(void)
{
	newer();
}
#else
static void tests(void)
{
	srun_pinned();
	srun_alone();
	tags();
	tags_of_a_job();
	refusals();
	multi_prog();
	shapes();
	others_steps();
	node();
	messages();
	ports();
	agreements();
	nodes_alike();
	saves();
	batch();
	script();
	guards();
	gates();
}
#endif

int main(int argc, char **argv)
{
	char command[256];

	if (argc > 1)
		return sbatch_again(argv);
	strcpy(home, "/tmp/berth-spank-XXXXXX");
	if (!mkdtemp(home) || chdir(home) || mkdir("bin", 0700))
		return 1;
	snprintf(home_word, sizeof home_word, "home=%s", home);
	snprintf(node_word, sizeof node_word, "node_dir=%s/node", home);
	snprintf(calls, sizeof calls, "%s/calls", home);
	snprintf(fake.log, sizeof fake.log, "%s/log", home);
	tests();
	slurm_spank_exit(NULL, 0, NULL);
	snprintf(command, sizeof command, "rm -rf %s", home);
	return system(command) || check_done();
}
