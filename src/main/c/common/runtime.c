#include "runtime.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "init.h"
#include "message.h"
#include "mount.h"
#include "ns.h"
#include "record.h"
#include "run.h"
#include "runtime_start.h"
#include "sys.h"
#include "text.h"
#include "tree.h"

/* Words of the directive. */
enum { KIND, PROGRAM, FOLDER, INIT };

#define ROOT "/root"
#define STATE "/state"
#define CONFIG "/config.json"

#define PATH_LONGEST 4000

#define CAPABILITIES                                                                               \
	"[\"CAP_CHOWN\",\"CAP_DAC_OVERRIDE\",\"CAP_DAC_READ_SEARCH\",\"CAP_FOWNER\","              \
	"\"CAP_FSETID\",\"CAP_KILL\",\"CAP_SETGID\",\"CAP_SETUID\",\"CAP_SETPCAP\","               \
	"\"CAP_LINUX_IMMUTABLE\",\"CAP_NET_BIND_SERVICE\",\"CAP_NET_BROADCAST\","                  \
	"\"CAP_NET_ADMIN\",\"CAP_NET_RAW\",\"CAP_IPC_LOCK\",\"CAP_IPC_OWNER\","                    \
	"\"CAP_SYS_CHROOT\",\"CAP_SYS_PTRACE\",\"CAP_SYS_ADMIN\",\"CAP_SYS_NICE\","                \
	"\"CAP_SYS_RESOURCE\",\"CAP_MKNOD\",\"CAP_SETFCAP\"]"

/* A growing text; `failed` once memory is out. */
struct text {
	char *bytes;
	size_t length;
	size_t room;
	int failed;
};

static void text_add(struct text *text, const char *bytes, size_t length)
{
	char *more;

	if (text->length + length + 1 > text->room) {
		text->room = 2 * text->room + length + 1;
		more = realloc(text->bytes, text->room);
		text->failed |= !more;
		if (text->failed)
			return;
		text->bytes = more;
	}
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
}

static void text_put(struct text *text, const char *word)
{
	text_add(text, word, strlen(word));
}

/* With its NUL, as the init takes it apart again. */
static void text_word(struct text *text, const char *word)
{
	text_add(text, word, strlen(word) + 1);
}

static int no_memory(void)
{
	return message_keep("preparing the container: out of memory", NULL);
}

static int fail(const char *what, const char *on)
{
	return message_keep(what, on, ": ", text_error(errno), NULL);
}

static char *path_below(char path[PATH_MAX], const char *folder, const char *name)
{
	strcpy(path, folder);
	return strcat(path, name);
}

/* In memory that goes with our mount namespace: nothing is left, however this ends. */
static int folder_make(const char *folder)
{
	char path[PATH_MAX];

	if (strlen(folder) > PATH_LONGEST) {
		errno = ENAMETOOLONG;
		return fail("using the folder ", folder);
	}
	if (mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700"))
		return fail("mounting a tmpfs on ", folder);
	if (mkdirat(AT_FDCWD, path_below(path, folder, ROOT), 0700) ||
	    mkdirat(AT_FDCWD, path_below(path, folder, STATE), 0700))
		return fail("making ", path);
	return 0;
}

/* Of the caller's descriptors all but the standard ones stay where they are. */
static int fds_copy(int control, int start, const char *init, int fds[OURS])
{
	fds[CONTROL] = control;
	fds[START] = start;
	fds[SELF] = open(init, O_RDONLY);
	if (fds[SELF] < 0)
		return fail("opening ", init);
	for (int i = INPUT; i < OURS; i++) {
		fds[i] = fcntl(i - INPUT, F_DUPFD, 3);
		if (fds[i] < 0 && errno != EBADF)
			return fail("copying a standard stream", "");
	}
	fcntl(control, F_SETFD, 0);
	fcntl(start, F_SETFD, 0);
	return 0;
}

/* The highest descriptor that is open, or -1 with a message. */
static int fd_highest(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned long long fd, highest = 2;
	struct dirent *entry;

	if (!folder)
		return fail("reading ", "/proc/self/fd");
	while ((entry = readdir(folder)))
		if (!text_number(entry->d_name, INT_MAX, &fd) && fd > highest &&
		    (int)fd != dirfd(folder))
			highest = fd;
	closedir(folder);
	return (int)highest;
}

/* runc would read what is the program's to read; errors of the runtime are still seen. */
static int streams_hide(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		return fail("opening ", "/dev/null");
	if (null > 1)
		close(null);
	return 0;
}

/*
 * runc passes a range, and puts descriptors of its own, which lead out of the container, in the holes of it. Their
 * numbers, comma separated, in LIST.
 */
static int holes_fill(int highest, struct text *list)
{
	char number[TEXT_DECIMAL];
	int null = open("/dev/null", O_RDONLY);

	while (null >= 0 && null <= highest) {
		text_put(list, text_decimal(number, null));
		text_put(list, ",");
		null = open("/dev/null", O_RDONLY);
	}
	if (null < 0)
		return fail("opening ", "/dev/null");
	close(null);
	text_add(list, "", 1);
	return list->failed ? no_memory() : 0;
}

/* Runtimes begin afresh with both; the program is to have what the caller has. A digit for each signal. */
static void signals_write(struct text *text)
{
	char ignored[SIGNALS + 1] = "", blocked[SIGNALS + 1] = "";
	struct sigaction action;
	sigset_t mask;

	sigemptyset(&mask);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int i = 0; i < SIGNALS; i++) {
		int is_ignored = !sigaction(i + 1, NULL, &action) && action.sa_handler == SIG_IGN;

		ignored[i] = is_ignored ? '1' : '0';
		blocked[i] = sigismember(&mask, i + 1) == 1 ? '1' : '0';
	}
	text_word(text, ignored);
	text_word(text, blocked);
}

/* How many files the caller may open, which programs made with Go raise for themselves. */
static long long files_soft(void)
{
	struct files limit = { .soft = 0 };

	return sys_call(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, sys_pointer(&limit), 0) < 0
		       ? 0
		       : (long long)limit.soft;
}

/*
 * What the init reads: signals that are ignored and blocked, working folder, numbers to close, umask, number of files,
 * count of variables, variables, command.
 */
static int start_write(const struct runtime_start *start, int fd, const struct text *holes,
		       mode_t mask)
{
	char number[TEXT_DECIMAL];
	struct text text = { .bytes = NULL };
	size_t variables = 0;
	ssize_t written;

	while (start->env[variables])
		variables++;
	signals_write(&text);
	text_word(&text, plan_words(start->plan, PLAN_WORKDIR)[0]);
	text_word(&text, holes->bytes);
	text_word(&text, text_decimal(number, mask));
	text_word(&text, text_decimal(number, files_soft()));
	text_word(&text, text_decimal(number, (long long)variables));
	for (char **variable = start->env; *variable; variable++)
		text_word(&text, *variable);
	for (char **word = start->command; *word; word++)
		text_word(&text, *word);
	if (text.failed)
		return no_memory();
	written = pwrite(fd, text.bytes, text.length, 0);
	free(text.bytes);
	return written == (ssize_t)text.length ? 0 : fail("writing what is to be started", "");
}

static void config_map(struct text *text, const char *name, const char *id)
{
	text_put(text, ",\"");
	text_put(text, name);
	text_put(text, "\":[{\"containerID\":");
	text_put(text, id);
	text_put(text, ",\"hostID\":0,\"size\":1}]");
}

/*
 * All mounts are made, so the runtime is told of one only: without a /dev of its own, runc would make device nodes in
 * the tree.
 */
static void config_text(struct text *text, const struct plan *plan, const int fds[OURS])
{
	char **identity = plan_words(plan, PLAN_IDENTITY), number[TEXT_DECIMAL];
	int mapped = strcmp(identity[0], "0") || strcmp(identity[1], "0");

	text_put(text, "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"root\"},\"mounts\":["
		       "{\"destination\":\"/dev\",\"type\":\"bind\",\"source\":\"root/dev\","
		       "\"options\":[\"rbind\"]}],\"process\":{\"terminal\":false,\"user\":{\"uid\":");
	text_put(text, identity[0]);
	text_put(text, ",\"gid\":");
	text_put(text, identity[1]);
	/* By a descriptor, so that nothing has to be put into the tree. */
	text_put(text, "},\"args\":[\"/proc/self/fd/");
	text_put(text, text_decimal(number, fds[SELF]));
	text_put(text, "\",\"--inside\"");
	for (int i = 0; i < OURS; i++) {
		text_put(text, ",\"");
		text_put(text, text_decimal(number, fds[i]));
		text_put(text, "\"");
	}
	text_put(text, "],\"env\":[],\"cwd\":\"/\",\"noNewPrivileges\":false,\"capabilities\":{"
		       "\"bounding\":" CAPABILITIES ",\"effective\":" CAPABILITIES
		       ",\"permitted\":" CAPABILITIES "}},\"linux\":{\"namespaces\":["
		       "{\"type\":\"mount\"}");
	if (mapped)
		text_put(text, ",{\"type\":\"user\"}");
	text_put(text, "]");
	if (mapped) {
		config_map(text, "uidMappings", identity[0]);
		config_map(text, "gidMappings", identity[1]);
	}
	text_add(text, "}}\n", 4);
}

static int config_write(const struct plan *plan, const int fds[OURS])
{
	struct text text = { .bytes = NULL };
	char path[PATH_MAX];
	int fd, failed;

	config_text(&text, plan, fds);
	if (text.failed)
		return no_memory();
	path_below(path, plan_words(plan, PLAN_RUNTIME)[FOLDER], CONFIG);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	failed = fd < 0 || write(fd, text.bytes, strlen(text.bytes)) != (ssize_t)strlen(text.bytes);
	if (failed)
		fail("writing ", path);
	if (fd >= 0)
		close(fd);
	free(text.bytes);
	return failed ? -1 : 0;
}

static int program_become(const struct plan *plan, int highest)
{
	char **word = plan_words(plan, PLAN_RUNTIME);
	char state[PATH_MAX], number[TEXT_DECIMAL];
	/* Warnings of runc go to a file; how it failed it says on standard error all the same. */
	char manager[] = "--cgroup-manager=disabled", log[] = "--log=log", root[] = "--root",
	     run[] = "run", keyring[] = "--no-new-keyring", keep[] = "--preserve-fds",
	     bundle[] = "--bundle", path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	/* The state folder is this start's alone, so any name is the only one. */
	char name[] = "berth";
	char *words[] = { word[PROGRAM],
			  strcmp(word[KIND], "crun") ? log : manager,
			  root,
			  path_below(state, word[FOLDER], STATE),
			  run,
			  keyring,
			  keep,
			  text_decimal(number, highest - 2),
			  bundle,
			  word[FOLDER],
			  name,
			  NULL };
	char *env[] = { path, NULL };

	if (chdir(word[FOLDER]))
		return fail("going to ", word[FOLDER]);
	execve(words[0], words, env);
	return fail("starting the engine ", words[0]);
}

static int tree_make(const struct plan *plan)
{
	char **word = plan_words(plan, PLAN_RUNTIME), path[PATH_MAX];

	if (ns_unshare(plan, "0", "0") || folder_make(word[FOLDER]) ||
	    mount_tree_at(plan, path_below(path, word[FOLDER], ROOT)))
		return -1;
	/* crun refuses nodes with both versions of cgroups; in the tree they are shown all the same. */
	if (!strcmp(word[KIND], "crun"))
		mount("tmpfs", "/sys/fs/cgroup", "tmpfs", MS_RDONLY, "mode=0555");
	return 0;
}

/* The file in memory that the init reads, and all descriptors it gets, in FDS. */
static int inside_prepare(int control, const char *init, int fds[OURS])
{
	int start = (int)sys_call(SYS_memfd_create, sys_pointer("berth-start"), 0, 0, 0, 0);

	if (start < 0)
		return message_keep("making a file in memory: ", text_error(-start), NULL);
	return fds_copy(control, start, init, fds);
}

int runtime_become(const struct runtime_start *start, int control)
{
	const char *init = plan_words(start->plan, PLAN_RUNTIME)[INIT];
	struct text holes = { .bytes = NULL };
	int fds[OURS], highest = -1, failed;
	struct record record;
	mode_t mask = umask(0);

	umask(mask);
	record_open(&record, start->plan);
	failed = tree_make(start->plan);
	if (!failed) {
		record_write(&record);
		failed = inside_prepare(control, init, fds);
	}
	if (!failed) {
		highest = fd_highest();
		failed = highest < 0 || streams_hide() || holes_fill(highest, &holes) ||
			 start_write(start, fds[START], &holes, mask) ||
			 config_write(start->plan, fds);
	}
	/* Signals to our group come by the supervisor only: the runtime would hand them on once more. */
	if (!failed) {
		sys_call(SYS_setsid, 0, 0, 0, 0, 0);
		program_become(start->plan, highest);
	}
	return message_print(RUN_FAILED);
}

int runtime_engine(const struct runtime_start *start, int control)
{
	char **engine = plan_words(start->plan, PLAN_ENGINE), **words, **next, **env;
	char numbers[OURS][TEXT_DECIMAL], self[TREE_FD_PATH], inside[] = "--inside";
	struct text none = { .bytes = (char[]){ "" } };
	char *empty[] = { NULL };
	int fds[OURS];
	size_t count = 0;
	mode_t mask = umask(0);

	umask(mask);
	if (inside_prepare(control, plan_words(start->plan, PLAN_ENGINE_INSIDE)[0], fds) ||
	    start_write(start, fds[START], &none, mask))
		return message_print(RUN_FAILED);
	while (engine[count])
		count++;
	next = words = calloc(count + OURS + 3, sizeof *words);
	env = env_engine(start->plan, empty);
	if (!words || !env) {
		no_memory();
		return message_print(RUN_FAILED);
	}
	for (size_t i = 0; i < count; i++)
		*next++ = engine[i];
	*next++ = tree_fd_path(self, fds[SELF]);
	*next++ = inside;
	for (int i = 0; i < OURS; i++)
		*next++ = text_decimal(numbers[i], fds[i]);
	execve(words[0], words, env);
	fail("starting the engine ", words[0]);
	return message_print(RUN_FAILED);
}
