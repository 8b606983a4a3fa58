/* Refused plan files: whose they are, who may write to them, and for what they were made. */
#include "check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/check.h"
#include "common/message.h"
#include "common/share.h"

#define REST "mode P2\nengine /e\nengine-init /i\nend\n"

static char folder[] = "/tmp/berth-test-XXXXXX";
static char path[100], stamped[100];

static void put(const char *file, const char *text, mode_t mode)
{
	FILE *out = fopen(file, "w");

	fputs(text, out);
	fclose(out);
	chmod(file, mode);
}

static int load(const char *file)
{
	struct plan plan;
	int failed;

	message_forget();
	failed = check_load(&plan, file);
	plan_free(&plan);
	return failed;
}

/* MESSAGE is a part of what is said, NULL when the plan is taken. */
static void test_load(const char *lines, mode_t mode, const char *message, const char *sentence)
{
	char text[1000];
	int failed;

	snprintf(text, sizeof text, "berth-plan 1\n%s" REST, lines);
	put(path, text, mode);
	failed = load(path);
	check(message ? failed && strstr(message_kept(), message) : !failed, sentence);
	if (message ? !failed || !strstr(message_kept(), message) : failed)
		printf("     %s\n", message_kept());
}

static const char *line(const char *format, const char *value)
{
	static char text[400];

	snprintf(text, sizeof text, format, (unsigned)geteuid(), value);
	return text;
}

static void test_permissions(void)
{
	char link[200];

	test_load(line("uid %u\n", ""), 0600, NULL, "one's own plan is taken");
	test_load(line("uid %u\n", ""), 0444, NULL, "a read-only plan is taken");
	test_load(line("uid %u\n", ""), 0620, "others may write",
		  "a plan that a group may write to");
	test_load(line("uid %u\n", ""), 0602, "others may write", "a plan that all may write to");
	snprintf(link, sizeof link, "%s/link", folder);
	chmod(path, 0600);
	check(!symlink(path, link) && load(link) && strstr(message_kept(), "it is a link"),
	      "a link is not followed");
	check(load(folder) && strstr(message_kept(), "not a regular file"), "a folder is refused");
	check(load("/dev/null") && strstr(message_kept(), "not a regular file"),
	      "a device is refused");
	check(load("/nowhere/plan") && strstr(message_kept(), "No such file"),
	      "an absent plan is named");
	check(!mkfifo(strcat(link, "2"), 0600) && load(link) &&
		      strstr(message_kept(), "not a regular file"),
	      "a pipe is refused without waiting for it");
	if (geteuid() == 0) {
		if (chown(path, 12345, 0))
			abort();
		check(load(path) && strstr(message_kept(), "another user"),
		      "another user's plan is refused");
		unlink(path);
	}
	if (truncate(path, 0))
		put(path, "", 0600);
	check(!truncate(path, PLAN_MAX_BYTES + 1) && load(path) &&
		      strstr(message_kept(), "larger than 1 MiB"),
	      "a plan of more than 1 MiB is not even read");
	unlink(path);
}

static void test_stale(void)
{
	char boot[64] = "", wrong[200];
	FILE *in = fopen("/proc/sys/kernel/random/boot_id", "r");
	struct utsname name;

	test_load("uid 4000000000\n", 0600, "made for user 4000000000", "a plan for another user");
	check(strstr(message_hinted(), "anew") != NULL, "a stale plan comes with a hint");
	uname(&name);
	test_load(line("uid %u\nnode %s\n", name.nodename), 0600, NULL,
		  "this node's plan is taken");
	test_load(line("uid %u\nnode elsewhere\n", ""), 0600, "made for node elsewhere",
		  "another node's plan");
	if (in && fgets(boot, sizeof boot, in)) {
		boot[strcspn(boot, "\n")] = 0;
		test_load(line("uid %u\nboot %s\n", boot), 0600, NULL, "this boot's plan is taken");
		snprintf(wrong, sizeof wrong, "0%s", boot);
		test_load(line("uid %u\nboot %s\n", wrong), 0600, "made for boot",
			  "a plan from before the last boot");
	}
	if (in)
		fclose(in);
}

/* A stamp of FILE with some numbers changed. */
static const char *stamp(int inode, int size, int seconds, int nanoseconds)
{
	static char text[400];
	struct stat entry;

	stat(stamped, &entry);
	snprintf(text, sizeof text, "stamp %s %lu %ld %ld.%09ld", stamped,
		 entry.st_ino + (unsigned)inode, entry.st_size + size,
		 entry.st_mtim.tv_sec + seconds,
		 entry.st_mtim.tv_nsec + nanoseconds);
	return line("uid %u\n%s\n", text);
}

static void test_stamps(void)
{
	struct timespec times[2] = { { 5, 6 }, { 1700000000, 42 } };
	char text[300];

	snprintf(stamped, sizeof stamped, "%s/stamped", folder);
	put(stamped, "12345", 0600);
	utimensat(AT_FDCWD, stamped, times, 0);
	test_load(stamp(0, 0, 0, 0), 0600, NULL, "a stamp that holds, with leading zeros");
	test_load(stamp(1, 0, 0, 0), 0600, "another inode", "another inode");
	test_load(stamp(0, 1, 0, 0), 0600, "another size", "another size");
	test_load(stamp(0, 0, 1, 0), 0600, "another time", "another second");
	test_load(stamp(0, 0, 0, 1), 0600, "another time", "another nanosecond");
	times[1].tv_sec = -5;
	utimensat(AT_FDCWD, stamped, times, 0);
	test_load(stamp(0, 0, 0, 0), 0600, NULL, "a stamp from before 1970");
	snprintf(text, sizeof text, "stamp %s/gone 1 2 3.000000004", folder);
	test_load(line("uid %u\n%s\n", text), 0600, "No such file", "a stamp of what is gone");
}

static void test_members(void)
{
	static const char list[] = "12 345\n\n7\n0 5\nx y\n99999999999 1\n34 56\n8 9";
	const char *at = list, *end = list + sizeof list - 1;
	struct share_member member;
	int good = 0, bad = 0;

	while (at < end) {
		if (share_member_read(&at, end, &member))
			bad++;
		else
			good++;
	}
	check(good == 2 && bad == 6, "broken lines of a member list are stepped over");
	check(member.pid == 8 || member.pid == 34, "the last whole line is read");
	check(share_start_time((unsigned long long)getpid()) > 0, "we know when we started");
	check(share_start_time(4194305) == 0, "a process that is not there never started");
}

int main(void)
{
	char command[200];

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/plan", folder);
	test_permissions();
	test_stale();
	test_stamps();
	test_members();
	snprintf(command, sizeof command, "rm -r %s", folder);
	if (system(command))
		return 1;
	return check_done();
}
