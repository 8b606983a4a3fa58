/* The plan parser: what it understands, what it refuses, and that no damaged plan harms it. */
#include "check.h"

#include "common/check.h"
#include "common/message.h"
#include "common/plan.h"

#define START "berth-plan 1\nuid 7\nmode R1\n"
#define NS "namespace user,mount\nidentity 7 8\nworkdir /w\nroot /tree ro\n"
#define FAKE "fake /tree\nworkdir /w\n"
#define ENGINE "engine /usr/bin/proot -r /t\nengine-init /.i\n"

static const struct {
	const char *sentence;
	const char *text;
} good[] = {
	{ "a namespace plan", START NS "end\n" },
	{ "an engine plan", START ENGINE "end\n" },
	{ "comments and empty lines mean nothing", START "# x\n\n#\n" NS "\nend\n" },
	{ "a comment may hold any byte", START "# \t\x80 %\n" NS "end\n" },
	{ "a bind with every flag",
	  START NS "bind /a /b ro,rec,optional,nosuid,nodev,noexec,cover\ntmpfs /t size=1m\nend\n" },
	{ "no options for a tmpfs", START NS "tmpfs /t %\nend\n" },
	{ "an empty value", START NS "set-env A %\nend\n" },
	{ "escaped bytes", START NS "command /bin/a%20b %C3%A4%0A%25\nend\n" },
	{ "repeated settings", START NS "set-env A 1\nset-env A 2\nkeep-fd 3\nkeep-fd all\nend\n" },
	{ "stamps", START NS "stamp /a 1 2 3.000000004\nstamp /b 5 - -6.000000007\nend\n" },
	{ "a program with many words", START NS "prefix /init --\ncommand a b c d e f g\nend\n" },
	{ "a step after the program", START NS "after rm --force x\nend\n" },
	{ "a working folder with an engine", START "workdir /w\n" ENGINE "end\n" },
	{ "processors and a record", START NS "cpus 0-3,8,8191\nrecord /a/b\nend\n" },
	{ "joining", START "namespace user,mount\nworkdir /w\njoin 42 123456789012\nend\n" },
	{ "a tree of mode F", START FAKE "set-env FAKECHROOT_BASE /tree\nend\n" },
	{ "joining whoever lives", START "namespace user,mount\nworkdir /w\njoin-ranks /a 3\nend\n" },
	{ "who runs programs of another processor", START NS "emulator 64 little 183 /q\nend\n" },
	{ "subordinate ids, and one of them",
	  START "namespace user,mount\nidentity 0 0\nworkdir /w\nroot /t rw\n"
		"subids 100000 65536 200000 1 /u /g\nbecome 33 33\nend\n" },
	{ "one of another's ids", START "namespace user,mount\nworkdir /w\njoin 42 1\nbecome 33 0\nend\n" },
	{ "more namespaces",
	  START "namespace user,mount,uts,net,ipc\nidentity 7 8\nworkdir /w\nroot /t ro\nend\n" },
	{ "propagation", START NS "bind /a /b rw,slave\nbind /a /c rw,unbindable\nend\n" },
	{ "variables of an engine", START ENGINE "engine-env A 1\nengine-env B %\nend\n" },
};

static const struct {
	const char *sentence;
	const char *text;
	const char *message; /* a part of it */
} bad[] = {
	{ "nothing", "", "not a launch plan" },
	{ "a namespace twice", START "namespace user,mount,net,net\nend\n", "is not user,mount with" },
	{ "an emulator of no machine", START NS "emulator 64 little 65536 /q\nend\n", "has no number of a machine" },
	{ "subordinate ids of no number", START NS "subids 0 5 1 5 /u /g\nend\n", "has no range of ids" },
	{ "no subordinate ids", START NS "subids 100000 5 100000 0 /u /g\nend\n", "has no range of ids" },
	{ "more ids than there are", START NS "subids 4294967290 5 4294967290 6 /u /g\nend\n", "has no range of ids" },
	{ "nobody to map them", START NS "subids 1 5 1 5 /u g\nend\n", "has no absolute path" },
	{ "subordinate ids for who is not user 0", START NS "subids 1 5 1 5 /u /g\nend\n",
	  "`subids` needs the identity 0 0" },
	{ "subordinate ids for who joins", START "namespace user,mount\nworkdir /w\njoin 4 5\nsubids 1 5 1 5 /u /g\nend\n",
	  "`subids` does not go with `join`" },
	{ "becoming somebody who is not there", START NS "become 3 3\nend\n", "no `subids` or `join`, which `become` needs" },
	{ "an emulator somewhere", START NS "emulator 32 big 8 q\nend\n", "has no absolute path" },
	{ "an emulator for who joins", START "namespace user,mount\nworkdir /w\njoin 4 5\nemulator 64 little 183 /q\nend\n",
	  "`emulator` does not go with `join`" },
	{ "another namespace", START "namespace user,mount,pid\nend\n", "is not user,mount with" },
	{ "a comma at the end", START "namespace user,mount,\nend\n", "is not user,mount with" },
	{ "two ways to join", START "namespace user,mount\nworkdir /w\njoin 4 5\njoin-ranks /a 3\nend\n",
	  "`join-ranks` does not go with `join`" },
	{ "mounts for who joins ranks", START "namespace user,mount\nworkdir /w\njoin-ranks /a 3\nroot /t ro\nend\n",
	  "`root` does not go with `join-ranks`" },
	{ "something else", "#!/bin/sh\n", "not a launch plan" },
	{ "another version", "berth-plan 2\nend\n", "another version" },
	{ "a version with more behind it", "berth-plan 1 \nend\n", "another version" },
	{ "a first line without its end", "berth-plan 1", "another version" },
	{ "no end", START NS, "incomplete" },
	{ "an end without its newline", START NS "end", "incomplete" },
	{ "a half last line", START NS "set-env A", "incomplete" },
	{ "a line after the end", START NS "end\nuid 7\n", "follows `end`" },
	{ "a byte after the end", START NS "end\n ", "follows `end`" },
	{ "an end with words", START NS "end 1\nend\n", "the directive is unknown" },
	{ "an unknown directive", START NS "frobnicate 1\nend\n",
	  "line 8: the directive is unknown" },
	{ "a directive in capitals", START NS "BIND /a /b rw\nend\n", "unknown" },
	{ "a blank in front", START NS " set-env A 1\nend\n", "unknown" },
	{ "two blanks", START NS "set-env  A 1\nend\n", "single spaces" },
	{ "a blank at the end", START NS "set-env A 1 \nend\n", "single spaces" },
	{ "a tab", START NS "set-env A\t1\nend\n", "%XX" },
	{ "a carriage return", START NS "set-env A 1\r\nend\n", "%XX" },
	{ "a byte above ASCII", START NS "set-env A \xc3\xa4\nend\n", "%XX" },
	{ "a NUL byte", START NS "set-env A a%00b\nend\n", "NUL" },
	{ "lower-case hexadecimal", START NS "set-env A %c3\nend\n", "hexadecimal" },
	{ "a half escape", START NS "set-env A a%4\nend\n", "hexadecimal" },
	{ "a percent at the end", START NS "set-env A a%\nend\n", "hexadecimal" },
	{ "a word too few", START NS "set-env A\nend\n", "number of words" },
	{ "a word too many", START NS "set-env A 1 2\nend\n", "number of words" },
	{ "no word", START NS "prefix\nend\n", "number of words" },
	{ "processors that are none", START NS "cpus 3-1\nend\n", "list of processors" },
	{ "processors with a hole", START NS "cpus 1,,2\nend\n", "list of processors" },
	{ "processors beyond all", START NS "cpus 8192\nend\n", "list of processors" },
	{ "processors with a blank end", START NS "cpus 1,\nend\n", "list of processors" },
	{ "a relative record", START NS "record a\nend\n", "absolute" },
	{ "joining nobody", START "namespace user,mount\nworkdir /w\njoin 0 1\nend\n",
	  "not a process" },
	{ "joining a name", START "namespace user,mount\nworkdir /w\njoin a 1\nend\n",
	  "not a process" },
	{ "a runtime that there is not", START NS "runtime podman /p /f /i\nend\n", "is neither crun nor runc" },
	{ "a runtime without a path", START NS "runtime crun crun /f /i\nend\n", "not absolute" },
	{ "a runtime for a shared namespace", START NS "share /d N\nruntime crun /p /f /i\nend\n",
	  "`share` does not go with `runtime`" },
	{ "a runtime with an engine", START ENGINE "runtime crun /p /f /i\nend\n", "does not go with" },
	{ "an engine with two ways inside", START ENGINE "workdir /\nengine-inside /i\nend\n",
	  "`engine-init` does not go with `engine-inside`" },
	{ "an engine with a way inside but to no folder", START "engine /e\nengine-inside /i\nend\n",
	  "no `workdir`, which `engine-inside` needs" },
	{ "joining with a tree", START NS "join 42 1\nend\n", "does not go with `join`" },
	{ "joining with a mount",
	  START "namespace user,mount\nworkdir /w\njoin 42 1\nbind /a /b rw\nend\n",
	  "`bind` does not go with `join`" },
	{ "joining with an engine", START ENGINE "join 42 1\nend\n", "does not go with" },
	{ "a second mode", START NS "mode P2\nend\n", "twice" },
	{ "a second root", START NS "root /x rw\nend\n", "twice" },
	{ "no uid", "berth-plan 1\nmode R1\n" NS "end\n", "no `uid`" },
	{ "no mode", "berth-plan 1\nuid 7\n" NS "end\n", "no `mode`" },
	{ "no way to start", START "end\n", "one of" },
	{ "two ways to start", START NS ENGINE "end\n", "one of" },
	{ "two ways to start, with a tree of mode F", START FAKE ENGINE "end\n", "one of" },
	{ "a namespace and a tree of mode F", START NS "fake /tree\nend\n", "one of" },
	{ "a mount in mode F", START FAKE "bind /a /b rw\nend\n", "does not go with `fake`" },
	{ "no working folder in mode F", START "fake /tree\nend\n", "no `workdir`" },
	{ "a relative tree of mode F", START "workdir /w\nfake tree\nend\n", "absolute" },
	{ "no identity", START "namespace user,mount\nworkdir /\nroot /t ro\nend\n",
	  "no `identity`" },
	{ "no working folder", START "namespace user,mount\nidentity 1 1\nroot /t ro\nend\n",
	  "no `workdir`" },
	{ "no root", START "namespace user,mount\nidentity 1 1\nworkdir /\nend\n", "no `root`" },
	{ "a mount with an engine", START ENGINE "bind /a /b rw\nend\n", "does not go with" },
	{ "a share with an engine", START ENGINE "share /d N\nend\n", "does not go with" },
	{ "an engine's variable with a namespace", START NS "engine-env A 1\nend\n",
	  "does not go with" },
	{ "another namespace", START "namespace pid\nend\n", "user,mount" },
	{ "a uid that is no number", "berth-plan 1\nuid me\nmode R1\n" NS "end\n", "number" },
	{ "a uid beyond 32 bits", "berth-plan 1\nuid 4294967296\nmode R1\n" NS "end\n", "number" },
	{ "a relative root", START "namespace user,mount\nroot t ro\nend\n", "absolute" },
	{ "a root of neither kind", START "namespace user,mount\nroot /t rx\nend\n", "neither" },
	{ "a relative source", START NS "bind a /b rw\nend\n", "source" },
	{ "a relative target", START NS "bind /a b rw\nend\n", "target" },
	{ "the root as target", START NS "bind /a / rw\nend\n", "target" },
	{ "the root as target, in disguise", START NS "bind /a /.././/. rw\nend\n", "target" },
	{ "a tmpfs on the root", START NS "tmpfs / %\nend\n", "target" },
	{ "an unknown flag", START NS "bind /a /b rw,fast\nend\n", "flags" },
	{ "a flag twice", START NS "bind /a /b rw,rw\nend\n", "flags" },
	{ "ro and rw", START NS "bind /a /b rw,ro\nend\n", "flags" },
	{ "no flags", START NS "bind /a /b %\nend\n", "flags" },
	{ "a flag list with a hole", START NS "bind /a /b ro,,rec\nend\n", "flags" },
	{ "a variable with an equals sign", START NS "set-env A=B 1\nend\n", "variable" },
	{ "an empty variable", START NS "default-env % 1\nend\n", "variable" },
	{ "an engine's variable with a comma", START ENGINE "engine-env A,B 1\nend\n", "removed" },
	{ "an engine's variable that means none", START ENGINE "engine-env - 1\nend\n", "removed" },
	{ "an empty pattern", START NS "keep-env %\nend\n", "empty" },
	{ "a negative descriptor", START NS "keep-fd -1\nend\n", "descriptor" },
	{ "a stamp without nine digits", START NS "stamp /a 1 2 3.4\nend\n", "time" },
	{ "a stamp with a relative path", START NS "stamp a 1 2 3.000000004\nend\n", "path" },
	{ "a stamp with a wrong size", START NS "stamp /a 1 x 3.000000004\nend\n", "size" },
};

static int parse(struct plan *plan, const char *text, size_t size)
{
	char *copy = malloc(size + 1);

	memcpy(copy, text, size);
	message_forget();
	return plan_parse(plan, "the plan", copy, size);
}

static void test_good(void)
{
	char sentence[200];
	struct plan plan;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		int failed = parse(&plan, good[i].text, strlen(good[i].text));

		snprintf(sentence, sizeof sentence, "is understood: %s", good[i].sentence);
		check(!failed, sentence);
		if (failed)
			printf("     %s\n", message_kept());
		plan_free(&plan);
	}
}

static void test_bad(void)
{
	char sentence[200];
	struct plan plan;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int failed = parse(&plan, bad[i].text, strlen(bad[i].text));

		snprintf(sentence, sizeof sentence, "is refused: %s", bad[i].sentence);
		check(failed && strstr(message_kept(), bad[i].message), sentence);
		if (!failed || !strstr(message_kept(), bad[i].message))
			printf("     %s\n", message_kept());
		plan_free(&plan);
	}
}

static void test_words(void)
{
	const char *text = START NS "command /bin/a%20b %C3%A4%0A%25 % x\n"
				    "set-env A 1\nset-env B 2\nend\n";
	struct plan plan;
	char **word;

	check(!parse(&plan, text, strlen(text)), "a plan with escapes is read");
	word = plan_words(&plan, PLAN_COMMAND);
	check_text(word[0], "/bin/a b", "a blank is decoded");
	check_text(word[1], "\xc3\xa4\n%", "bytes above ASCII, newline and percent are decoded");
	check_text(word[2], "", "a percent alone is the empty word");
	check_text(word[3], "x", "the word after the empty one is in its place");
	check(!word[4], "the words end");
	check(!plan_words(&plan, PLAN_PREFIX), "a directive that is absent has no words");
	check_text(plan_next(&plan, PLAN_SET_ENV, plan_next(&plan, PLAN_SET_ENV, NULL))->word[0],
		   "B", "repeated directives come in their order");
	plan_free(&plan);
}

/* START and NS, then LINE so many times. */
static int parse_many(const char *line, size_t times)
{
	size_t length = strlen(line), at = strlen(START NS);
	char *text = malloc(at + times * length + 8);
	struct plan plan;
	int failed;

	strcpy(text, START NS);
	for (size_t i = 0; i < times; i++, at += length)
		memcpy(text + at, line, length);
	strcpy(text + at, "end\n");
	failed = parse(&plan, text, at + 4);
	plan_free(&plan);
	free(text);
	return failed;
}

static void test_limits(void)
{
	check(!parse_many("bind /a /b rw\n", PLAN_MAX_MOUNTS), "4096 mounts are enough");
	check(parse_many("bind /a /b rw\n", PLAN_MAX_MOUNTS + 1), "4097 mounts are refused");
	check(!parse_many("keep-fd 3\n", PLAN_MAX_WORDS - 8), "65536 words are enough");
	check(parse_many("keep-fd 3\n", PLAN_MAX_WORDS - 6), "65537 words are refused");
	check(parse_many("# 345678901234567890\n", PLAN_MAX_BYTES / 21),
	      "more than 1 MiB is refused");
}

/* Reads everything that a plan holds, so that the sanitizers see it. */
static size_t plan_touch(const struct plan *plan)
{
	size_t sum = 0;

	for (size_t i = 0; i < plan->count; i++)
		for (size_t k = 0; k < plan->lines[i].count; k++)
			sum += strlen(plan->lines[i].word[k]);
	return sum;
}

static void test_fuzz(void)
{
	static const char alphabet[] = "\n %0019AZaz/.,-#end\x80";
	unsigned seed = 20260727;
	size_t understood = 0, sum = 0;
	struct plan plan;
	char text[1024];

	for (int round = 0; round < 60000; round++) {
		const char *from = good[(size_t)round % (sizeof good / sizeof *good)].text;
		size_t size = strlen(from);

		memcpy(text, from, size);
		for (int change = 0; change < 1 + round % 3 && size; change++) {
			size_t at;

			seed = seed * 1103515245 + 12345;
			at = (seed >> 8) % size;
			if (seed & 1 << 30)
				text[at] = alphabet[(seed >> 4) % (sizeof alphabet - 1)];
			else if (seed & 1 << 29)
				memmove(text + at, text + at + 1, size-- - at - 1);
			else
				size = round % 7 ? size : at + 1;
		}
		if (!parse(&plan, text, size)) {
			understood++;
			sum += plan_touch(&plan);
			check_holds(&plan);
		}
		plan_free(&plan);
	}
	check(understood > 0 && understood < 60000 && sum > 0,
	      "60000 damaged plans are read or refused without harm");
}

int main(void)
{
	test_good();
	test_bad();
	test_words();
	test_limits();
	test_fuzz();
	return check_done();
}
