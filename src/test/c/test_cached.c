/* Kept plans: when one is found, when one is passed over, and that no damaged file harms. */
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "berth/cached.h"
#include "berth/key.h"
#include "berth/runs.h"
#include "berth/seen.h"
#include "common/message.h"
#include "common/share.h"

static char folder[] = "/tmp/berth-test-XXXXXX";
static char home[100];
static char *home_only[] = { home, NULL };
static struct cached cached;
static struct front front = { .root = "/opt/berth", .name = "berth" };

/* --- sums and keys */

static void sums(void)
{
	static const struct {
		const char *text;
		int times;
		const char *sum;
	} known[] = {
		{ "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "aaaaaaaaaa", 100000,
		  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct sha256 sum;
		char hex[SHA256_HEX];

		sha256_begin(&sum);
		for (int n = 0; n < known[i].times; n++)
			sha256_add(&sum, known[i].text, strlen(known[i].text));
		sha256_hex(&sum, hex);
		check_text(hex, known[i].sum, "a sum is what the standard says");
	}
}

static const char *key(char **env, char **args, const char *in)
{
	static char keys[64][SHA256_HEX];
	static int next;
	char *found = keys[next++ % 64];

	front.env = env;
	return key_of(&front, args, in, found) ? found : "none";
}

#define WORDS(...) ((char *[]){ __VA_ARGS__, NULL })

static void keys_of_words(void)
{
	char **env = WORDS("HOME=/h", "PATH=/bin", "LANG=C");
	const char *usual = key(env, WORDS("run", "box", "a", "bc"), "/w");

	check(strlen(usual) == 64, "a run has a key");
	check_text(key(env, WORDS("run", "box", "a", "bc"), "/w"), usual, "the same words, the same key");
	check(strcmp(key(env, WORDS("run", "box", "ab", "c"), "/w"), usual), "words do not run together");
	check(strcmp(key(env, WORDS("run", "box", "a", "bc", ""), "/w"), usual), "an empty word counts");
	check(strcmp(key(env, WORDS("run", "box", "a", "bc"), "/"), usual), "the working folder counts");
	check_text(key(env, WORDS("explain", "box", "a", "bc"), "/w"), usual, "explain asks for run's");
	check_text(key(env, WORDS("exec", "box", "a"), "/w"), "none", "other commands have none");
	check_text(key(env, WORDS("run", "--rm", "box"), "/w"), "none", "none with --rm");
	check_text(key(env, WORDS("run", "--no-plan-cache", "box"), "/w"), "none", "none when refused");
	check_text(key(env, WORDS("run", "--location=/t", "x"), "/w"), "none", "none of a bare tree");
	front.hidden = WORDS("BERTH_FRONT_HIDDEN_1=x");
	check_text(key(env, WORDS("run", "box"), "/w"), "none", "none with a password");
	front.hidden = NULL;
	front.name = "/usr/bin/udocker";
	check(strcmp(key(env, WORDS("run", "box", "a", "bc"), "/w"), usual), "another name, another key");
	front.name = "/bin/berth";
	check_text(key(env, WORDS("run", "box", "a", "bc"), "/w"), usual, "its folder does not count");
}

static void keys_of_variables(void)
{
	char **args = WORDS("run", "box");
	const char *usual = key(WORDS("HOME=/h", "UDOCKER_DIR=/r", "A=1"), args, "/w");

	check_text(key(WORDS("SLURM_PROCID=3", "UDOCKER_DIR=/r", "HOME=/h", "A=2"), args, "/w"), usual,
		   "order and other variables do not count");
	check(strcmp(key(WORDS("HOME=/h", "UDOCKER_DIR=/s", "A=1"), args, "/w"), usual),
	      "a setting counts");
	check(strcmp(key(WORDS("HOME=/h", "UDOCKER_DIR=/r", "BERTH_NEW="), args, "/w"), usual),
	      "an empty setting counts");
	check(strcmp(key(WORDS("HOME=/h", "UDOCKER_DIR=/r", "USER=x"), args, "/w"), usual),
	      "the user counts");
	check_text(key(WORDS("HOME=/h", "HOME=/i"), args, "/w"), "none", "a name that is there twice");
	check_text(key(WORDS("HOME=/h", "BERTH_PLAN_CACHE=0"), args, "/w"), "none", "switched off");
}

/* --- files */

static void put(const char *path, const char *text, size_t size, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	check(fd >= 0 && write(fd, text, size) == (ssize_t)size && !fchmod(fd, mode) && !close(fd),
	      "a file can be written");
}

/* A kept plan with LINES in front, and its size. */
static size_t kept(char *text, const char *lines, const char *plan)
{
	struct sha256 sum;
	char body[6000], hex[SHA256_HEX];

	snprintf(body, sizeof body, "key %s\n%splan\n%s", cached.key, lines, plan);
	sha256_begin(&sum);
	sha256_add(&sum, body, strlen(body));
	sha256_hex(&sum, hex);
	return (size_t)sprintf(text, "berth-cached-plan 1 %s\n%s", hex, body);
}

static const char *plan_text(const char *more)
{
	static char text[1000];

	snprintf(text, sizeof text,
		 "berth-plan 1\nuid %u\n%smode R1\nnamespace user,mount\nidentity 1 1\nworkdir /\n"
		 "root /t rw\ncommand /c\nend\n",
		 (unsigned)geteuid(), more);
	return text;
}

static int load(const char *lines, const char *plan, struct cached_plan *found)
{
	char text[8000];

	put(cached.path, text, kept(text, lines, plan), 0600);
	return cached_load(&cached, found);
}

static void test_load(int holds, const char *lines, const char *plan, const char *sentence)
{
	struct cached_plan found;
	int failed = load(lines, plan, &found);

	check(holds == !failed, sentence);
	if (holds == !!failed)
		printf("     %s\n", message_kept());
}

static void files(void)
{
	struct cached_plan found;

	cached_open(&cached, &front, WORDS("run", "box"), "/w");
	check(cached.folder >= 0, "the folder is made");
	check(cached_load(&cached, &found) && !strcmp(message_kept(), "there is none"), "no plan yet");
	test_load(1, "", plan_text(""), "one's own plan is taken");
	test_load(0, "", plan_text("boot other\n"), "a plan of another boot");
	test_load(0, "", plan_text("node other\n"), "a plan of another node");
	test_load(0, "", plan_text("after x\n"), "a plan with a step after it");
	test_load(0, "what /\n", plan_text(""), "a line that nobody knows");
	test_load(0, "none\n", plan_text(""), "a line without its words");
	test_load(0, "\n", plan_text(""), "an empty line");
	test_load(0, "key x\n", plan_text(""), "a plan of another command line");
	test_load(1, "", plan_text(""), "and again one's own");
	chmod(cached.path, 0620);
	check(cached_load(&cached, &found), "a plan that others may write");
	chmod(cached.path, 0400);
	check(!cached_load(&cached, &found), "a plan that nobody may write");
	unlink(cached.path);
	check(!symlink("/dev/null", cached.path) && cached_load(&cached, &found), "a link");
	unlink(cached.path);
	check(!mkfifo(cached.path, 0600) && cached_load(&cached, &found), "a pipe");
	unlink(cached.path);
	check(!mkdir(cached.path, 0700) && cached_load(&cached, &found), "a folder");
	rmdir(cached.path);
}

static void folders(void)
{
	struct cached other;
	char plans[200];

	snprintf(plans, sizeof plans, "%s/.cache/berth/plans", folder);
	chmod(plans, 0770);
	cached_open(&other, &front, WORDS("run", "box"), "/w");
	check(other.folder < 0, "a folder that a group may write is not used");
	chmod(plans, 0700);
	cached_open(&other, &front, WORDS("run", "box"), "/w");
	check(other.folder >= 0, "and is when it may not");
	cached_close(&other);
	front.env = WORDS("HOME=relative");
	cached_open(&other, &front, WORDS("run", "box"), "/w");
	check(other.folder < 0, "a home that is no path");
	front.env = home_only;
}

/* Each byte changed, and each length: none is taken, none harms. */
static void mutations(void)
{
	static const char lines[] = "none /nowhere/at%20all\nnotice hello%0A\nruns /r note%0A\n";
	struct cached_plan found;
	char text[8000];
	size_t size = kept(text, lines, plan_text(""));
	int taken = 0;

	put(cached.path, text, size, 0600);
	check(!cached_load(&cached, &found), "the whole is taken");
	check_text(found.notice, "hello\n", "a notice is decoded");
	check_text(found.note, "note\n", "a note is decoded");
	for (size_t i = 0; i < size; i++) {
		char was = text[i];
		int fd = open(cached.path, O_WRONLY | O_TRUNC);

		text[i] = (char)(was ^ (1 << i % 8));
		taken += write(fd, text, size) != (ssize_t)size || !cached_load(&cached, &found);
		taken += ftruncate(fd, (off_t)i) || !cached_load(&cached, &found);
		text[i] = was;
		close(fd);
	}
	check(!taken, "no damaged one is");
	/* Rightly summed up, and yet no plan. */
	srand(20261126);
	for (int round = 0; round < 3000; round++) {
		char plan[1000], body[1000];

		strcpy(plan, plan_text(""));
		strcpy(body, lines);
		for (int n = rand() % 4; n >= 0; n--) {
			plan[(size_t)rand() % strlen(plan)] = (char)(1 + rand() % 255);
			body[(size_t)rand() % strlen(body)] = (char)(1 + rand() % 255);
		}
		size = kept(text, body, plan);
		unlink(cached.path);
		int fd = open(cached.path, O_WRONLY | O_CREAT, 0600);

		taken += write(fd, text, size) != (ssize_t)size;
		close(fd);
		cached_load(&cached, &found);
	}
	check(!taken, "odd ones harm nobody");
	unlink(cached.path);
}

/* --- what was seen */

static int holds(const char *line)
{
	char text[1000], *words[8];
	size_t count = 0;

	strcpy(text, line);
	for (char *at = strtok(text, " "); at; at = strtok(NULL, " "))
		words[count++] = at;
	message_forget();
	return seen_holds(words, count);
}

static const char *seen_content(const char *path)
{
	static char line[500];
	struct stat file;

	stat(path, &file);
	snprintf(line, sizeof line, "content %s %llu %lld %lld.%09ld", path,
		 (unsigned long long)file.st_ino, (long long)file.st_size,
		 (long long)file.st_ctim.tv_sec, file.st_ctim.tv_nsec);
	return line;
}

static const char *seen_kind(const char *how, const char *path)
{
	static char line[500];
	struct stat file;

	fstatat(AT_FDCWD, path, &file, *how == 'e' ? AT_SYMLINK_NOFOLLOW : 0);
	snprintf(line, sizeof line, "%s %s %u %u %u", how, path, file.st_mode, file.st_uid,
		 file.st_gid);
	return line;
}

static void tick(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

static void seen(void)
{
	char path[200], other[200], line[500];
	struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	snprintf(path, sizeof path, "%s/file", folder);
	snprintf(other, sizeof other, "%s/other", folder);
	snprintf(line, sizeof line, "none %s", path);
	check(holds(line), "what is not there is not there");
	put(path, "one", 3, 0600);
	check(!holds(line), "it is there now");
	utimensat(AT_FDCWD, path, times, 0);
	strcpy(line, seen_content(path));
	check(holds(line), "a file as it was");
	tick();
	put(path, "two", 3, 0600);
	utimensat(AT_FDCWD, path, times, 0);
	check(!holds(line), "changed, with the same size and its time set back");
	strcpy(line, seen_content(path));
	put(other, "two", 3, 0600);
	utimensat(AT_FDCWD, other, times, 0);
	rename(other, path);
	check(!holds(line), "replaced by one that looks the same");
	strcpy(line, seen_kind("kind", path));
	put(path, "longer", 6, 0600);
	check(holds(line), "of the same kind, whatever is in it");
	chmod(path, 0400);
	check(!holds(line), "with other permissions");
	unlink(path);
	check(!holds(line), "gone");
	check(!symlink("/tmp", path) && holds(seen_kind("kind", path)) &&
		      holds(seen_kind("entry", path)),
	      "a link, itself and what it leads to");
	snprintf(line, sizeof line, "link %s /tmp", path);
	check(holds(line), "a link leads where it led");
	snprintf(line, sizeof line, "link %s /tm", path);
	check(!holds(line), "it leads elsewhere");
	unlink(path);
	put(path, "says", 4, 0600);
	snprintf(line, sizeof line, "text %s says", path);
	check(holds(line), "a file says what it said");
	snprintf(line, sizeof line, "text %s say", path);
	check(!holds(line), "it says more");
	unlink(path);
	check(!holds(line), "nothing says nothing");
	mkdir(path, 0700);
	strcpy(line, seen_content(path));
	check(holds(line), "a folder as it was");
	tick();
	strcat(strcpy(other, path), "/below");
	put(other, "", 0, 0600);
	check(!holds(line), "a name more in a folder");
	snprintf(line, sizeof line, "none %s/below", other);
	check(holds(line), "nothing is below a file");
	check(!holds("content /etc"), "half a line");
}

/* --- notes of runs */

static int count_of(const char *path)
{
	DIR *list = opendir(path);
	int count = 0;

	while (list && readdir(list))
		count++;
	closedir(list);
	return count - 2;
}

static void notes(void)
{
	char runs[200], path[700], name[RUNS_NAME], text[500];
	struct utsname node;
	FILE *file;

	uname(&node);
	snprintf(runs, sizeof runs, "%s/runs", folder);
	check(runs_begin(runs, "x", ""), "no folder, no note");
	mkdir(runs, 0700);
	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof path, "%s/%s-%d-%d", runs, node.nodename, 4000000 + i, i + 1);
		put(path, "", 0, 0600);
	}
	snprintf(path, sizeof path, "%s/elsewhere-1-1", runs);
	put(path, "", 0, 0600);
	check(!runs_name(name) && !runs_begin(runs, name, "berth-run 1\n"), "a note is written");
	check(count_of(runs) <= 42 - 12, "some of those that are over are gone");
	for (int i = 0; i < 6; i++)
		check(!runs_begin(runs, name, "berth-run 1\n"), "and again");
	check(count_of(runs) == 2, "all are gone but this and another node's");
	snprintf(path, sizeof path, "%s/%s", runs, name);
	file = fopen(path, "r");
	text[fread(text, 1, sizeof text - 1, file)] = 0;
	fclose(file);
	snprintf(path, sizeof path, "berth-run 1\nstarter %d %llu\n", getpid(),
		 share_start_time((unsigned long long)getpid()));
	check_text(text, path, "it says who starts");
}

static void note_of_a_start(void)
{
	struct cached_plan found;
	char lines[400], wanted[800];

	snprintf(lines, sizeof lines, "runs %s/runs note%%0A\n", folder);
	front.env = home_only;
	check(!load(lines, plan_text(""), &found), "a plan with a note");
	snprintf(wanted, sizeof wanted, "%s/runs/%s", folder, found.name);
	check_text(plan_words(&found.plan, PLAN_RECORD)[0], wanted, "names this run's");
	check(!cached_begin(&found), "and begins it");
	check(!access(wanted, F_OK), "which is there");
	unlink(cached.path);
}

/* Whether another process may change what was seen. */
static int is_held(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int status;

	if (!fork()) {
		int fd = open(path, O_WRONLY);

		_exit(fd < 0 || fcntl(fd, F_SETLK, &lock));
	}
	wait(&status);
	return status;
}

static void lock_of_a_start(void)
{
	struct cached_plan found;
	char path[200], lines[700];
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int ready[2], status;

	snprintf(path, sizeof path, "%s/links.lock", folder);
	snprintf(lines, sizeof lines, "lock %s\nruns %s/runs note%%0A\n", path, folder);
	test_load(0, lines, plan_text(""), "a lock that is not there");
	put(path, "", 0, 0600);
	check(!load(lines, plan_text(""), &found) && is_held(path), "a plan's lock is held");
	check(!cached_begin(&found) && !is_held(path), "until the run is noted");
	strcat(lines, "none /\n");
	test_load(0, lines, plan_text(""), "what was seen is no more so");
	check(!is_held(path), "and nothing is held");
	check(!pipe(ready), "a pipe");
	if (!fork()) {
		int fd = open(path, O_WRONLY);

		status = fcntl(fd, F_SETLK, &lock) || write(ready[1], "x", 1) != 1;
		tick();
		_exit(status);
	}
	check(read(ready[0], &status, 1) == 1, "somebody else holds it");
	snprintf(lines, sizeof lines, "lock %s\n", path);
	test_load(1, lines, plan_text(""), "and is waited for");
	check(wait(&status) > 0 && !status, "until he has ended");
	unlink(cached.path);
}

/* --- many at once */

static void crowd(void)
{
	struct cached_plan found;
	char text[8000], lock[PATH_MAX + 10];
	size_t size = kept(text, "", plan_text(""));
	int good = 0, status;

	check(cached_wait(&cached, &found) && cached.lock >= 0, "the first has to plan");
	for (int i = 0; i < 16; i++)
		if (!fork()) {
			struct cached mine = cached;

			close(cached.lock);
			mine.lock = -1;
			_exit(cached_wait(&mine, &found) || mine.lock >= 0);
		}
	tick();
	put(cached.path, text, size, 0600);
	cached_done(&cached);
	while (wait(&status) > 0)
		good += !status;
	check(good == 16, "all others wait for its plan");
	snprintf(lock, sizeof lock, "%s.lock", cached.path);
	check(access(lock, F_OK), "and no lock stays");
	unlink(cached.path);
}

static void hopeless(void)
{
	struct cached_plan found;
	struct timespec begin, end;

	front.env = home_only;
	cached_open(&cached, &front, WORDS("run", "box"), "/w");
	check(cached_wait(&cached, &found) && cached.lock >= 0, "the first has to plan");
	cached_done(&cached);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < 3; i++) {
		cached_open(&cached, &front, WORDS("run", "box"), "/w");
		check(cached_wait(&cached, &found) && cached.lock < 0,
		      "nobody waits where no plan came");
		cached_close(&cached);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	check(end.tv_sec - begin.tv_sec < 2, "not even a while");
}

int main(void)
{
	char remove[200];

	if (!mkdtemp(folder))
		return 1;
	sums();
	keys_of_words();
	keys_of_variables();
	snprintf(home, sizeof home, "HOME=%s", folder);
	front.env = home_only;
	files();
	folders();
	mutations();
	seen();
	notes();
	note_of_a_start();
	lock_of_a_start();
	crowd();
	hopeless();
	snprintf(remove, sizeof remove, "rm -rf %s", folder);
	check(!system(remove), "all is removed");
	return check_done();
}

/* A front reads one plan in its life. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
