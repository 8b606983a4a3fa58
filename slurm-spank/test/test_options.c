/* What the options mean, and which values are refused. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fault.h"
#include "image.h"
#include "options.h"

static const char *set[16][2];

static char *value_of(const char *name)
{
	for (int i = 0; set[i][0]; i++)
		if (!strcmp(set[i][0], name))
			return (char *)set[i][1];
	return NULL;
}

static void variables_clear(void)
{
	memset(set, 0, sizeof set);
}

static void variable(const char *name, const char *value)
{
	int at = 0;

	while (set[at][0])
		at++;
	set[at][0] = name;
	set[at][1] = value;
}

struct given {
	enum option_id id;
	const char *value;
};

/* The line of words behind the image, or the fault. */
static const char *outcome(const struct given *given, size_t count)
{
	static char text[65536];
	struct options options = { .prefix = "container" };
	struct words words = { 0 };
	static struct image image;
	char *line = NULL;

	for (size_t i = 0; i < count; i++)
		options_give(&options, given[i].id, given[i].value);
	if (options_environment(&options, value_of)) {
		snprintf(text, sizeof text, "%s", fault_text());
	} else if (!options_active(&options)) {
		snprintf(text, sizeof text, "(no container)");
	} else if (options_words(&options, &words, &image)) {
		snprintf(text, sizeof text, "%s", fault_text());
	} else {
		line = words_write(&words);
		snprintf(text, sizeof text, "%s%s%s %s", image.user, *image.user ? " at " : "", image.name, line);
	}
	free(line);
	words_free(&words);
	options_free(&options);
	return text;
}

#define OUTCOME(...) \
	outcome((struct given[]){ __VA_ARGS__ }, sizeof(struct given[]){ __VA_ARGS__ } / sizeof(struct given))

#define USUAL " --hostenv --entrypoint="

static const char *image(const char *value)
{
	return OUTCOME({ OPTION_IMAGE, value });
}

static const char *mounts(const char *value)
{
	return OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_MOUNTS, value });
}

static void images(void)
{
	check_text(image("debian"), "debian" USUAL, "a name is a name");
	check_text(image("nvcr.io#nvidia/cuda:12"), "nvcr.io/nvidia/cuda:12" USUAL, "REGISTRY# becomes REGISTRY/");
	check_text(image("docker://r:5000#a/b"), "r:5000/a/b" USUAL, "docker:// is passed over");
	check_text(image("a/b@sha256:00"), "a/b@sha256:00" USUAL, "a digest is no user");
	check_text(image("me@r#a:1"), "me at r/a:1" USUAL, "a user before '@'");
	check_text(image("docker://me@a@sha256:00"), "me at a@sha256:00" USUAL, "and a digest besides");
	check(strstr(image("@r#a"), "the user before '@', or what is behind, is empty") != NULL, "an empty user");
	check(strstr(image("a@"), "is empty or too long") != NULL, "a user of nothing");
	check(strstr(image("a@b@c"), "is not [USER@][REGISTRY#]NAME") != NULL, "two users");
	check_text(image(""), "--container-image: the value is empty", "an empty name is refused");
	check_text(image("docker://"), "--container-image: it names no image", "so is a prefix alone");
	check_text(image("r#"), "--container-image: 'r#' is not [USER@][REGISTRY#]NAME[:TAG|@DIGEST]", "and a registry");
	check_text(image("a b"), "--container-image: 'a b' has blanks in it", "blanks are refused");
	check_text(image("podman://a"), "--container-image: 'podman://a' is of a kind that is not known; docker:// is",
		   "another kind is refused");
	check_text(image("./x y.sqsh"), "./x y.sqsh" USUAL, "a path is kept, with its blanks");
	check_text(image("/x@y#z"), "/x@y#z" USUAL, "whatever is in it");
	check(image_is_registry("reg.example.org") && image_is_registry("127.0.0.1:5000") && image_is_registry("localhost:5000"),
	      "a host");
	check(!image_is_registry("debian") && !image_is_registry("python:3.9") && !image_is_registry("reg.example.org/a"),
	      "an image");
	check(image_is_path("./a") && image_is_path("/a") && !image_is_path("a/b"), "what a path begins with");
	check(image_is_pinned("a@sha256:0") && !image_is_pinned("a:1"), "a digest pins");
}

static void over_long(void)
{
	static char text[40000];

	memset(text, 'a', sizeof text - 1);
	check_text(image(text), "--container-image: the value is longer than 32768 bytes", "too long for all");
	text[2000] = 0;
	check_text(image(text), "--container-image: the name is longer than 1023 bytes", "too long for a name");
	text[0] = '/';
	text[2000] = 'a';
	text[5000] = 0;
	check_text(mounts(text), "--container-mounts: a mount is longer than 4095 bytes", "too long for a path");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_WORKDIR, text }),
		   "--container-workdir: the path is longer than 4095 bytes", "the same for the folder");
}

static void mounts_of_the_node(void)
{
	check_text(mounts("/a:/b"), "i" USUAL " --volume=/a:/b:rw", "source and place");
	check_text(mounts("/a"), "i" USUAL " --volume=/a::rw", "in place");
	check_text(mounts("/a b:/c d:ro"), "i" USUAL " --volume=/a%20b:/c%20d:ro", "blanks are kept");
	check_text(mounts("./x:/b,../y:/c"), "i" USUAL " --volume=./x:/b:rw --volume=../y:/c:rw", "relative sources");
	check_text(mounts("/a:/b:ro+rprivate+x-create=dir"), "i" USUAL " --volume=/a:/b:ro", "flags");
	check_text(mounts("/a:/b:nosuid+nodev+noexec+rslave+unbindable+x-create=file"),
		   "i" USUAL " --volume=/a:/b:nosuid,nodev,noexec,rslave,unbindable", "those that berth is told");
	check_text(mounts("tmpfs:/a"), "i" USUAL " --tmpfs=/a", "a folder in memory");
	check_text(mounts("tmpfs:/a+b:size=1m+mode=700"), "i" USUAL " --tmpfs=/a+b:size=1m,mode=700", "with options");
	check_text(mounts("umount:/tmp"), "i" USUAL " --novol=/tmp", "umount");
}

static void mounts_refused(void)
{
	static const char form[] = "; the form is SRC[:DST[:FLAG+FLAG...]]";
	static const struct {
		const char *value, *why;
	} cases[] = {
		{ "/a:b", "the place inside is not an absolute path" },
		{ "/a:", "the place inside is not an absolute path" },
		{ "/a:/b/../../c", "the place inside climbs with '..'" },
		{ "/a:/..", "the place inside climbs with '..'" },
		{ "/../a", "the place inside climbs with '..'" },
		{ "/a:/", "the place inside is the root" },
		{ "/a:/.", "the place inside is the root" },
		{ "/", "the place inside is the root" },
		{ ":/b", "the source is empty" },
		{ "data:/b", "the source is no path: it begins with neither '/' nor '.'" },
		{ "/a:/b:", "the flag '' is not known" },
		{ "/a:/b:rx", "the flag 'rx' is not known" },
		{ "/a:/b:ro+", "the flag '' is not known" },
		{ "/a:/b:ro:rw", "there are more than three parts" },
		{ "tmpfs", "tmpfs wants a place inside" },
		{ "tmpfs:a", "the place inside is not an absolute path" },
		{ "tmpfs:/a:", "the options are empty" },
		{ "umount", "umount wants one place inside" },
		{ "umount:/a:ro", "umount wants one place inside" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char wanted[512];

		snprintf(wanted, sizeof wanted, "--container-mounts: in '%s' %s%s", cases[i].value, cases[i].why, form);
		check_text(mounts(cases[i].value), wanted, cases[i].value);
	}
	check_text(mounts("/a:/b,"), "--container-mounts: '/a:/b,' has a comma too many", "trailing comma");
	check_text(mounts(",/a"), "--container-mounts: ',/a' has a comma too many", "leading comma");
	check_text(mounts("/..a/b..:/c..d"), "i" USUAL " --volume=/..a/b..:/c..d:rw", "dots in names do not climb");
}

static void the_others(void)
{
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_WORKDIR, "/w" }), "i" USUAL " --workdir=/w", "workdir");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_WORKDIR, "w" }),
		   "--container-workdir: 'w' is not an absolute path", "a relative one is refused");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_ENV, "A,B_1" }), "i" USUAL " --env=A --env=B_1", "env");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_ENV, "A," }), "--container-env: 'A,' has a comma too many",
		   "trailing comma");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_ENV, "A,,B" }),
		   "--container-env: 'A,,B' has a comma too many", "double comma");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_ENV, "A=1" }),
		   "--container-env: 'A=1' is not the name of a variable", "a value is refused");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_MODE, "P2" }), "i" USUAL " --mode=P2", "mode");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_MODE, "P 2" }), "--container-mode: 'P 2' is not one of auto, per-node, R1-R3, P1, P2, F1-F4 and S1",
		   "no mode");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_MODE, "Per-Node" }), "i" USUAL " --mode=per-node", "case");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_HOME, NULL }, { OPTION_ROOT, NULL }),
		   "i" USUAL " --bindhome --user=0", "home and root");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_ENTRYPOINT, NULL }), "i --hostenv", "entry point");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_NO_HOME, NULL }, { OPTION_NO_ROOT, NULL },
			   { OPTION_NO_ENTRYPOINT, NULL }, { OPTION_READONLY, NULL }), "i" USUAL, "the defaults, said");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_NO_HOME, NULL }, { OPTION_HOME, NULL }),
		   "--container-mount-home and --no-container-mount-home exclude each other", "both");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_EXPLAIN, NULL }), "i" USUAL " --explain", "explain");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_WRITABLE, NULL }), "i" USUAL " --writable", "writable");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_WRITABLE, NULL }, { OPTION_READONLY, NULL }),
		   "--container-writable and --container-readonly exclude each other", "both");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_NAME, "n:create" }), "i" USUAL " --tree=n:create", "a name");
	check_text(OUTCOME({ OPTION_NAME, "n" }, { OPTION_READONLY, NULL }), " --hostenv --entrypoint= --tree=n --readonly",
		   "a name alone");
	check_text(OUTCOME({ OPTION_NAME, "n:" }), "--container-name: ':' is not one of :auto, :create, :exec and :no_exec",
		   "no rule");
	check_text(OUTCOME({ OPTION_NAME, ":auto" }), "--container-name: the name is empty or longer than 64 bytes",
		   "no name");
	check_text(OUTCOME({ OPTION_NAME, "../a" }),
		   "--container-name: '../a' has more than letters, digits, '_', '.' and '-'", "a path");
	check_text(OUTCOME({ OPTION_NAME, "n:exec" }), " --hostenv --entrypoint= --tree=n:exec", "joining");
	check_text(OUTCOME({ OPTION_NAME, "17.0" }), " --hostenv --entrypoint= --join=17.0", "a running step");
	check_text(OUTCOME({ OPTION_NAME, "17.0:exec" }), " --hostenv --entrypoint= --join=17.0", "said");
	check_text(OUTCOME({ OPTION_NAME, "17.0:create" }),
		   "--container-name: a running step like '17.0' can only be joined, with :exec", "not made");
	check_text(OUTCOME({ OPTION_NAME, "17.0" }, { OPTION_IMAGE, "i" }),
		   "--container-name: '17.0' is a running step, which has its image; leave --container-image out", "nor anew");
	check_text(OUTCOME({ OPTION_NAME, "17.0a" }), " --hostenv --entrypoint= --tree=17.0a", "a name like one");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_UNSHARE, "net,uts" }), "i" USUAL " --unshare=net --unshare=uts",
		   "namespaces");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_UNSHARE, "net,pid" }),
		   "--container-unshare: 'pid' is not one of net, ipc and uts", "no such");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_UNSHARE, "net," }),
		   "--container-unshare: '' is not one of net, ipc and uts", "a comma too many");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_ENTRYPOINT_LOG, NULL }), "i" USUAL, "what is always so");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_BATCH, NULL }, { OPTION_NO_BATCH, NULL }),
		   "--container-batch and --no-container-batch exclude each other", "both");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_SAVE, "/tmp/x.sqsh" }), "i" USUAL " --save=/tmp/x.sqsh", "save");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_SAVE, "x.sqsh" }, { OPTION_READONLY, NULL }),
		   "i" USUAL " --save=x.sqsh --readonly", "as it is");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_SAVE, "/tmp" }),
		   "--container-save: '/tmp' is a folder; name a file to write", "not into a folder");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_SAVE, "/nosuch/x" }),
		   "--container-save: the folder of '/nosuch/x' is not there", "not nowhere");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_SAVE, "x/" }), "--container-save: 'x/' is not the name of a file",
		   "nor without a name");
	check_text(OUTCOME({ OPTION_MOUNTS, "/a" }), "(no container)", "nothing without an image");
}

static void environment(void)
{
	variables_clear();
	variable("PYXIS_CONTAINER_IMAGE", "p");
	variable("PYXIS_CONTAINER_MOUNT_HOME", "1");
	check_text(OUTCOME({ OPTION_WORKDIR, "/w" }), "p" USUAL " --bindhome --workdir=/w", "pyxis's variables");
	check_text(OUTCOME({ OPTION_IMAGE, "i" }, { OPTION_NO_HOME, NULL }), "i" USUAL, "the command line wins");
	variable("BERTH_CONTAINER_IMAGE", "b");
	variable("BERTH_CONTAINER_MOUNT_HOME", "no");
	check_text(OUTCOME({ OPTION_WORKDIR, "/w" }), "b" USUAL " --workdir=/w", "ours win over pyxis's");
	variables_clear();
	variable("BERTH_CONTAINER_IMAGE", "b");
	variable("BERTH_CONTAINER_REMAP_ROOT", "perhaps");
	check_text(OUTCOME({ OPTION_WORKDIR, "/w" }), "BERTH_CONTAINER_REMAP_ROOT: 'perhaps' is neither yes nor no",
		   "no truth");
	variables_clear();
	variable("PYXIS_CONTAINER_MOUNTS", "x");
	check(strstr(image("i"), "PYXIS_CONTAINER_MOUNTS: in 'x'") != NULL, "a fault names the variable");
	variables_clear();
}

static void names(void)
{
	char name[64];

	option_name(name, sizeof name, "container", OPTION_NO_ROOT);
	check_text(name, "no-container-remap-root", "the usual prefix");
	option_name(name, sizeof name, "berth", OPTION_IMAGE);
	check_text(name, "berth-image", "another prefix");
}

static void lines(void)
{
	struct words words = { 0 };
	char *line;

	check(!words_read(&words, "a % %41%20b"), "a line is read");
	check(words.count == 3 && !strcmp(words.word[0], "a") && !*words.word[1] && !strcmp(words.word[2], "A b"),
	      "word by word");
	line = words_write(&words);
	check_text(line, "a % A%20b", "and written again");
	free(line);
	words_free(&words);
	check(words_read(&words, "a  b") == -1, "two spaces are refused");
	words_free(&words);
	check(words_read(&words, "a ") == -1, "a space at the end is");
	words_free(&words);
	check(words_read(&words, "%4") == -1 && words_read(&words, "%00") == -1 && words_read(&words, "\t") == -1,
	      "wrong bytes are");
	words_free(&words);
}

/* The names that the user knows stand in what berth answers. */
static void translated(void)
{
	char out[128], small[12];

	options_translate("container", "leave --mode out, or setup --execmode=P1, or --mode-x", out, sizeof out);
	check_text(out, "leave --container-mode out, or setup --execmode=P1, or --mode-x", "whole words only");
	options_translate("ship", "--workdir, or --volume=/a\n", out, sizeof out);
	check_text(out, "--ship-workdir, or --ship-mounts=/a\n", "the site's prefix");
	options_translate("container", "see --mode", small, sizeof small);
	check_text(small, "see --conta", "what does not fit is cut");
}

int main(void)
{
	translated();
	images();
	over_long();
	mounts_of_the_node();
	mounts_refused();
	the_others();
	environment();
	names();
	lines();
	return check_done();
}
