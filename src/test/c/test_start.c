/*
 * What a start is made of: descriptors, PATH, numbers, messages, the signals that are owed, Java's
 * words.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "berth/jvm.h"
#include "common/cpus.h"
#include "common/fds.h"
#include "common/handon.h"
#include "common/message.h"
#include "common/run.h"
#include "common/text.h"

static char folder[] = "/tmp/berth-test-XXXXXX";

static int is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static int status_of(pid_t child)
{
	int status;

	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* In a child: opens 3 to 40, closes by LINES; the exit status is 0 when just OPEN are left. */
static void test_close(const char *lines, const char *open, const char *sentence)
{
	char *env[] = { (char[]){ "PMI_FD=11" }, (char[]){ "BAD=x1" }, NULL };
	char text[500];
	pid_t child = fork();
	struct plan plan;

	if (child == 0) {
		snprintf(text, sizeof text,
			 "berth-plan 1\nuid 1\nmode P2\nengine /e\nengine-init /i\n%send\n", lines);
		if (plan_parse(&plan, "p", strdup(text), strlen(text)))
			_exit(1);
		for (int fd = 3; fd <= 40; fd++)
			dup2(2, fd);
		if (fds_close(&plan, env, 20))
			_exit(2);
		for (int fd = 0; fd <= 40; fd++) {
			char number[20];

			snprintf(number, sizeof number, " %d ", fd);
			if (is_open(fd) != (fd < 3 || fd == 20 || strstr(open, number)))
				_exit(3);
		}
		_exit(0);
	}
	check(status_of(child) == 0, sentence);
}

static void test_descriptors(void)
{
	test_close("", " ", "all above 2 are closed but our own");
	test_close("keep-fd 7\nkeep-fd 3\nkeep-fd 8\n", " 3 7 8 ", "named ones stay open");
	test_close("keep-fd-env PMI_FD\nkeep-fd 7\n", " 7 11 ", "one is named by a variable");
	test_close("keep-fd-env BAD\nkeep-fd-env NONE\n", " ",
		   "a variable without a number names none");
	test_close("keep-fd 1\nkeep-fd 7\nkeep-fd 7\nkeep-fd 2147483647\n", " 7 ",
		   "odd numbers do no harm");
	test_close("keep-fd all\nkeep-fd 7\n",
		   " 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 "
		   "31 32 33 34 35 36 37 38 39 40 ",
		   "all stay open when all are kept");
}

static void test_close_listed(void)
{
	pid_t child = fork();

	if (child == 0) {
		for (int fd = 5; fd <= 40; fd++)
			dup2(2, fd);
		fds_close_listed(7, 9);
		fds_close_listed(12, UINT_MAX);
		for (int fd = 5; fd <= 40; fd++)
			if (is_open(fd) != (fd < 7 || fd == 10 || fd == 11))
				_exit(1);
		_exit(0);
	}
	check(status_of(child) == 0, "kernels without close_range close the same");
}

static void put(const char *name, const char *text, mode_t mode)
{
	char file[200];
	int fd;

	snprintf(file, sizeof file, "%s/%s", folder, name);
	fd = open(file, O_WRONLY | O_CREAT, mode);
	if (write(fd, text, strlen(text)) < 0)
		abort();
	fchmod(fd, mode);
	close(fd);
}

/*
 * Runs WORD with PATH in a child; its status, or 1000 plus a status when the message lacks
 * MESSAGE.
 */
static void test_run(const char *search, const char *word, int status, const char *message,
		     const char *sentence)
{
	char variable[300], name[300];
	char *env[] = { variable, NULL }, *words[] = { name, NULL };
	pid_t child;

	snprintf(variable, sizeof variable, "PATH=%s", search);
	snprintf(name, sizeof name, "%s", word);
	child = fork();
	if (child == 0) {
		int result;

		if (chdir(folder))
			_exit(200);
		if (!*search)
			env[0] = NULL;
		result = run_program(words, env);
		_exit(strstr(message_kept(), message) ? result : 201);
	}
	check(status_of(child) == status, sentence);
}

static void test_path(void)
{
	char path[300], absolute[300];

	put("works", "#!/bin/sh\nexit 9\n", 0755);
	put("plain", "#!/bin/sh\nexit 9\n", 0644);
	put("orphan", "#!/no/such/interpreter\n", 0755);
	put("empty", "", 0755);
	snprintf(path, sizeof path, "/nowhere:%s:/bin", folder);
	snprintf(absolute, sizeof absolute, "%s/works", folder);
	test_run(path, "works", 9, "", "a program is found in PATH");
	test_run("/nowhere:", "works", 9, "", "an empty entry is the working folder");
	test_run("", "true", 0, "", "without PATH the usual folders count");
	test_run("/nowhere", absolute, 9, "", "a word with a slash is not looked up");
	test_run("/nowhere", "./works", 9, "", "nor is a relative one");
	test_run(path, "missing", 127, "not found in PATH", "what is nowhere gives 127");
	test_run(path, "/no/file", 127, "No such file", "an absent file gives 127");
	test_run(path, "./works/x", 127, "Not a directory", "a file as a folder gives 127");
	test_run(path, "", 127, "empty", "an empty name gives 127");
	test_run(path, "./plain", 126, "Permission denied", "a file without x gives 126");
	test_run(path, "plain", 126, "Permission denied", "and so in PATH");
	test_run(path, "./orphan", 126, "interpreter", "a missing interpreter gives 126");
	test_run(path, "orphan", 126, "interpreter", "and so in PATH");
	test_run(path, "./empty", 126, "Exec format error", "what is no program gives 126");
	test_run(path, "/", 126, "Permission denied", "a folder gives 126");
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = 0;
	test_run(path, "works", 127, "not found", "a PATH of nonsense gives 127");
}

static void test_numbers(void)
{
	char buffer[TEXT_DECIMAL];
	unsigned long long value = 5;

	check_text(text_decimal(buffer, LLONG_MIN), "-9223372036854775808", "the least number");
	check_text(text_decimal(buffer, LLONG_MAX), "9223372036854775807", "the greatest number");
	check_text(text_decimal(buffer, 0), "0", "zero");
	check(!text_number("18446744073709551615", ULLONG_MAX, &value) && value == ULLONG_MAX,
	      "the greatest unsigned number is read");
	check(text_number("18446744073709551616", ULLONG_MAX, &value), "one more is refused");
	check(text_number("256", 255, &value) && !text_number("255", 255, &value),
	      "the limit is a part of the range");
	check(text_number("", 9, &value) && text_number("-1", 9, &value) &&
		      text_number("1 ", 9, &value) && text_number("0x1", 99, &value),
	      "only digits are a number");
	check_text(text_error(EPERM), "Operation not permitted", "errors have words");
	check_text(text_error(9999), "error 9999", "unknown errors have a number");
}

/* What message_print writes goes through a pipe. */
static void test_messages(void)
{
	char long_piece[5000], found[8000] = "";
	int pair[2], saved = dup(2);

	message_keep("doing it to ", "a\nb\x1b", ": failed", NULL);
	message_hint("do ", "that", NULL);
	if (pipe(pair))
		abort();
	dup2(pair[1], 2);
	check(message_print(125) == 125, "a message passes the status on");
	dup2(saved, 2);
	check(read(pair[0], found, sizeof found - 1) > 0, "a message is written");
	check_text(found, "berth: doing it to a?b?: failed\nhint: do that\n",
		   "it has two lines, whatever the names hold");
	memset(long_piece, 'x', sizeof long_piece - 1);
	long_piece[sizeof long_piece - 1] = 0;
	message_keep(long_piece, long_piece, NULL);
	check(strlen(message_kept()) < 2000, "a message has an end");
	check_text(message_hinted(), "", "a new message has no old hint");
}

static void test_handon(void)
{
	struct handon h = { .seen = { 0 } };

	handon_asked(&h, SIGTERM, 1000);
	check(handon_next(&h, 1000 + HANDON_GRACE_MS - 1) == 0 &&
		      handon_wait(&h, 1000) == HANDON_GRACE_MS,
	      "a signal that only the supervisor got waits for its twin");
	check(handon_next(&h, 1000 + HANDON_GRACE_MS) == SIGTERM, "and is sent when none came");
	check(handon_next(&h, 9000) == 0 && handon_wait(&h, 9000) == -1, "once");
	handon_seen(&h, SIGINT, 2000);
	handon_asked(&h, SIGINT, 2010);
	check(handon_wait(&h, 2010) == -1, "a signal that all got is not sent again");
	handon_asked(&h, SIGINT, 3000);
	handon_seen(&h, SIGINT, 3010);
	check(handon_wait(&h, 3010) == -1, "nor when the twin comes second");
	handon_asked(&h, SIGINT, 3020);
	check(handon_next(&h, 4000) == SIGINT, "the next one is a new one");
	handon_seen(&h, SIGHUP, 5000);
	handon_asked(&h, SIGHUP, 5000 + HANDON_GRACE_MS + 1);
	check(handon_next(&h, 6000) == SIGHUP, "an old twin does not count");
	handon_asked(&h, 0, 7000);
	handon_asked(&h, 65, 7000);
	handon_seen(&h, 255, 7000);
	check(handon_wait(&h, 7000) == -1, "numbers that are no signals are ignored");
	handon_asked(&h, SIGUSR1, 8000);
	handon_seen(&h, SIGUSR2, 8001);
	check(handon_next(&h, 9000) == SIGUSR1, "different signals do not pair");
}

static int is_so(int (*asked)(char *const *), const char *one, const char *two)
{
	char first[50], second[50], *args[] = { first, second, NULL };

	snprintf(first, sizeof first, "%s", one);
	snprintf(second, sizeof second, "%s", two);
	return asked(args);
}

static const char *find(char **list, const char *begin)
{
	for (; *list; list++)
		if (text_after(*list, begin))
			return *list;
	return NULL;
}

static void test_java_env(void)
{
	char *env[] = { (char[]){ "LC_ALL=C" }, (char[]){ "BERTH_FRONT_FD=99" },
			(char[]){ "JAVA_TOOL_OPTIONS=-x" }, (char[]){ "X=\xff" }, NULL };
	char **java = jvm_env("/opt/berth", "/usr/bin/udocker", 5, 0, env, NULL);
	char **bare = jvm_env("/opt/berth", "berth", 5, 1, env + 3, NULL);

	check_text(find(java, "LC_ALL="), "LC_ALL=C.UTF-8", "Java gets a locale that it can use");
	check_text(find(java, "BERTH_FRONT_LC_ALL="), "BERTH_FRONT_LC_ALL=C", "and the caller's");
	check_text(find(bare, "BERTH_FRONT_LC_ALL="), NULL, "which may be none");
	check_text(find(java, "BERTH_FRONT_FD="), "BERTH_FRONT_FD=5",
		   "the caller's own is dropped");
	check_text(find(java, "JAVA_TOOL_OPTIONS="), NULL, "Java's own variables are dropped");
	check_text(find(java, "BERTH_FRONT_NAME="), "BERTH_FRONT_NAME=udocker",
		   "the name is known");
	check_text(find(java, "X="), "X=\xff", "bytes stay bytes");
	check_text(find(java, "BERTH_FRONT_HOME="), "BERTH_FRONT_HOME=/opt/berth",
		   "the root is known");
	check(find(java, "BERTH_FRONT_UMASK=0") && find(java, "BERTH_FRONT_UID=") &&
		      find(java, "BERTH_FRONT_GID=") && find(java, "BERTH_FRONT_GROUPS=") &&
		      find(java, "BERTH_FRONT_TTY="),
	      "mask, ids and terminals are known");
}

/* How WORD behind COMMAND reaches Java; NULL when it is refused. */
static const char *java_word(char *command, char *word)
{
	char *args[] = { command, word, NULL }, **words = jvm_words(folder, args, 0);
	size_t count = 0;

	while (words && words[count])
		count++;
	return words ? words[count - 1] : NULL;
}

static void test_java_words(void)
{
	static char run[] = "run", ps[] = "ps";
	char path[100];

	snprintf(path, sizeof path, "%s/runtime", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/runtime/bin", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/runtime/bin/java", folder);
	close(open(path, O_WRONLY | O_CREAT, 0700));
	check_text(java_word(ps, (char[]){ "caf\xc3\xa9 \xf0\x9f\x9a\xa2" }),
		   "caf\xc3\xa9 \xf0\x9f\x9a\xa2", "text reaches Java as it is");
	check_text(java_word(run, (char[]){ "a\xff\x80z" }),
		   "a\xf4\x8f\xbf\xbf\xf4\x8f\xbe\x80z", "other bytes have stand-ins");
	check_text(java_word(run, (char[]){ "\xc3" }), "\xf4\x8f\xbf\x83",
		   "so has half a character");
	check_text(java_word(run, (char[]){ "\xed\xa0\x80" }),
		   "\xf4\x8f\xbf\xad\xf4\x8f\xbe\xa0\xf4\x8f\xbe\x80", "and half a pair");
	check_text(java_word(run, (char[]){ "\xf4\x8f\xbf\xbf" }),
		   "\xf4\x8f\xbf\xb4\xf4\x8f\xbe\x8f\xf4\x8f\xbe\xbf\xf4\x8f\xbe\xbf",
		   "and what looks like a stand-in");
	check(!java_word(ps, (char[]){ "a\xff" }) && strstr(message_kept(), "UTF-8"),
	      "where no program gets them they are refused");
}

static void test_processors(void)
{
	unsigned long mask[CPUS_MAX / (8 * sizeof(unsigned long))] = { 0 };

	check(cpus_read("0-2,5,64", mask) && mask[0] == 0x27 && mask[1] == 1,
	      "a list of processors is a mask");
	check(!cpus_read("", NULL) && !cpus_read("00001", NULL) && !cpus_read("1-", NULL) &&
		      !cpus_read("1 ", NULL) && !cpus_read("1-2-3", NULL),
	      "what is no list is none");
}

static void test_java(void)
{
	char *args[] = { (char[]){ "ps" }, NULL }, *runs[] = { (char[]){ "exec" }, NULL };

	check(is_so(jvm_does_much, "pull", "x"), "pull moves much data");
	check(!is_so(jvm_does_much, "create", "x"), "create may turn out to");
	check(is_so(jvm_is_bulk, "--debug", "create"), "options before the command do not hide it");
	check(!is_so(jvm_is_bulk, "ps", "pull"), "only the command counts");
	check(!is_so(jvm_is_bulk, "--help", "-x"), "without a command there is none");
	check(!jvm_runs_program(args) && jvm_runs_program(runs), "some answer with a program's status");
	check(!jvm_words("/nowhere", args, 0) && strstr(message_kept(), "/nowhere/runtime/bin/java"),
	      "a missing Java is named");
	test_java_env();
	test_java_words();
	check_text(find(jvm_env("/o", "b", 5, 0, args + 1, NULL), "BERTH_FRONT_QUICK="),
		   "BERTH_FRONT_QUICK=1", "Java knows that it was started for little");
	check_text(find(jvm_env("/o", "b", 5, 1, args + 1, NULL), "BERTH_FRONT_QUICK="), NULL,
		   "or for much");
}

int main(void)
{
	char command[200];

	if (!mkdtemp(folder))
		return 1;
	setbuf(stdout, NULL);
	test_descriptors();
	test_close_listed();
	test_path();
	test_numbers();
	test_messages();
	test_handon();
	test_java();
	test_processors();
	snprintf(command, sizeof command, "rm -r %s", folder);
	if (system(command))
		return 1;
	return check_done();
}

/* Lists for a program are for the life of the process. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
