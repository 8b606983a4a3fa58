/* What an exec becomes in modes F, without a libfakechroot: paths, scripts, words, environment. */
#include "check.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake/fake.h"
#include "fake/path.h"
#include "fake/program.h"

static char tree[PATH_MAX];
static struct fake fake;

static void setting(enum fake_setting name, const char *value)
{
	static char room[65536], *pair = room;
	char *next = pair + strlen(fake_names[name]) + strlen(value) + 1;

	strcat(strcpy(pair, fake_names[name]), value);
	fake.value[name] = pair + strlen(fake_names[name]); /* as in an environment */
	pair = next;
}

static void file_write(const char *name, const void *bytes, size_t size, mode_t mode)
{
	char path[PATH_MAX + 64];
	FILE *file;

	snprintf(path, sizeof path, "%s%s", tree, name);
	file = fopen(path, "w");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) || chmod(path, mode))
		exit(1);
}

static void text_write(const char *name, const char *text)
{
	file_write(name, text, strlen(text), 0755);
}

/* As little of a program as is looked at: a header, and an interpreter when given. */
static void program_write(const char *name, unsigned char bits, const char *interpreter)
{
	unsigned char bytes[64 + 56 + 256] = { 0x7f, 'E', 'L', 'F', bits };
	unsigned machine =
#ifdef __aarch64__
		183;
#else
		62;
#endif

	bytes[18] = (unsigned char)machine;
	bytes[32] = 64;	 /* program headers */
	bytes[54] = 56;	 /* size of one */
	bytes[56] = interpreter != NULL;
	if (interpreter) {
		bytes[64] = 3; /* PT_INTERP */
		bytes[64 + 8] = 120;
		bytes[64 + 32] = (unsigned char)(strlen(interpreter) + 1);
		strcpy((char *)bytes + 120, interpreter);
	}
	file_write(name, bytes, sizeof bytes, 0755);
}

static char shown[65536];

static void show(const char *text)
{
	size_t length = strlen(tree);

	for (const char *at; (at = strstr(text, tree)); text = at + length) {
		strncat(shown, text, (size_t)(at - text));
		strcat(shown, "TREE");
	}
	strcat(shown, text);
}

static void list_show(char *const *list)
{
	for (; *list; list++) {
		show(*list);
		strcat(shown, "|");
	}
}

static int words_become(void *what, const char *file, char **words, char **env)
{
	(void)what;
	(void)env;
	show(file);
	strcat(shown, ": ");
	list_show(words);
	return 0;
}

static int env_become(void *what, const char *file, char **words, char **env)
{
	(void)what;
	(void)file;
	(void)words;
	list_show(env);
	return 0;
}

static const char *exec_by(fake_become *become, char *const *env, const char *file, const char *first,
			   const char *second)
{
	char *words[] = { (char *)first, (char *)second, NULL };
	int error;

	shown[0] = 0;
	error = fake_exec(&fake, file, words, env, become, NULL);
	return error ? strerror(error) : shown;
}

static char *const empty[] = { NULL };

static const char *words_of(const char *file, const char *first, const char *second)
{
	return exec_by(words_become, empty, file, first, second);
}

static const char *inside(const char *path)
{
	static char found[PATH_MAX];
	int error = fake_host(&fake, path, found);

	shown[0] = 0;
	if (error)
		return strerror(error);
	show(found);
	return shown;
}

static void paths_check(void)
{
	char path[PATH_MAX], longest[PATH_MAX + 10];

	check_text(inside("/a/b"), "TREE/a/b", "a path is in the tree");
	check_text(inside("/"), "TREE/", "so is the root");
	check_text(inside("/../..//a/./b/../c/"), "TREE/a/c", "nothing is above the root");
	check_text(inside("/proc/self"), "/proc/self", "what is excluded is the host's");
	check_text(inside("/proc"), "/proc", "itself too");
	check_text(inside("/procedure"), "TREE/procedure", "not what only begins so");
	check_text(inside("/proc/../etc"), "TREE/etc", "nor what leads out of it");
	check_text(inside("/usr/../proc/x"), "/proc/x", "but what leads into it");
	snprintf(path, sizeof path, "%.4000s/x", tree);
	check_text(inside(path), "TREE/x", "a path of the host in the tree is known as one");
	check_text(inside(""), strerror(ENOENT), "the empty path is none");
	memset(longest, 'a', sizeof longest);
	longest[0] = '/';
	longest[PATH_MAX - 1] = 0;
	check_text(inside(longest), strerror(ENAMETOOLONG), "one that gets too long is refused");
	if (chdir(tree) || chdir("bin"))
		exit(1);
	check_text(inside("x"), "TREE/bin/x", "a relative path begins here");
	check_text(inside("../../../x"), "TREE/x", "and does not leave the tree");
	if (chdir("/proc"))
		exit(1);
	check_text(inside("../x"), "/proc/../x", "in a folder of the host it is the kernel's");
}

static void lists_check(void)
{
	char out[PATH_MAX * 2];

	shown[0] = 0;
	fake_list_host(&fake, "/a:$ORIGIN/../b:/proc/x::rel", ":", NULL, out);
	show(out);
	check_text(shown, "TREE/a:$ORIGIN/../b:/proc/x:rel", "only paths of the container change");
	fake_list_host(&fake, out, ":", NULL, out + PATH_MAX);
	check_text(out + PATH_MAX, out, "once");
	fake_list_host(&fake, "/k:/a /k", ": ", "/x:/k", out);
	shown[0] = 0;
	show(out);
	check_text(shown, "TREE/a", "what is known is left out");
}

static void programs_check(void)
{
	setting(FAKE_MODE, "F1");
	check_text(words_of("/bin/dynamic", "d", "x"),
		   "/loader: /loader|--library-path|TREE/lib|TREE/bin/dynamic|x|",
		   "F1 starts a program by the loader");
	setting(FAKE_ARGV0, "1");
	check_text(words_of("/bin/dynamic", "d", "x"),
		   "/loader: /loader|--library-path|TREE/lib|--argv0|d|TREE/bin/dynamic|x|",
		   "with its name where the loader can");
	check_text(words_of("/bin/dynamic", NULL, NULL),
		   "/loader: /loader|--library-path|TREE/lib|--argv0||TREE/bin/dynamic|",
		   "without any word too");
	check_text(words_of("/bin/patched", "d", "x"),
		   "/loader: /loader|--library-path|TREE/lib|--argv0|d|TREE/bin/patched|x|",
		   "F1 does not look at the interpreter");
	setting(FAKE_MODE, "F3");
	check_text(words_of("/bin/patched", "d", "x"), "TREE/bin/patched: d|x|",
		   "F3 starts what names the loader");
	check_text(words_of("/bin/dynamic", "d", "x"),
		   "/loader: /loader|--library-path|TREE/lib|--argv0|d|TREE/bin/dynamic|x|",
		   "and others by the loader");
	check_text(words_of("/bin/script", "s", "x"),
		   "TREE/bin/patched: /bin/patched|one two|/bin/script|x|",
		   "a script's interpreter gets one argument");
	check_text(words_of("/bin/nested", "s", "x"),
		   "TREE/bin/patched: /bin/patched|one two|/bin/script|/bin/nested|x|",
		   "a script's script as well");
	check_text(words_of("/bin/loop", "l", NULL), strerror(ELOOP), "not without an end");
	check_text(words_of("/bin/blank", "l", NULL), strerror(ENOEXEC), "an empty #! is none");
	check_text(words_of("/bin/empty", "l", NULL), strerror(ENOEXEC), "an empty file neither");
	check_text(words_of("/bin/short", "l", NULL), strerror(ENOEXEC), "nor half a header");
	check_text(words_of("/bin/plain", "l", NULL), strerror(EACCES), "no permission, no exec");
	check_text(words_of("/bin", "l", NULL), strerror(EACCES), "a folder is no program");
	check_text(words_of("/none", "l", NULL), strerror(ENOENT), "nor is nothing");
}

static void static_check(void)
{
	char *const env[] = { (char[]){ "A=1" }, (char[]){ "FAKECHROOT=true" },
			      (char[]){ "BERTH_FAKE_PROGRAM=/x" }, (char[]){ "LD_PRELOAD=/p" }, NULL };

	if (chdir(tree))
		exit(1);
	setting(FAKE_STATIC, "P=%2Fa%20b /proot -w {cwd} -r %25");
	check_text(words_of("/bin/static", "s", "x"), "/proot: /proot|-w|/|-r|%|/bin/static|x|",
		   "a static program gets what leads it");
	check_text(exec_by(env_become, env, "/bin/static", "s", NULL), "P=/a b|A=1|",
		   "its variables, and none of ours");
	check_text(words_of("/bin/small", "s", NULL), "/proot: /proot|-w|/|-r|%|/bin/small|",
		   "so do 32 bits");
	check_text(words_of("/bin/musl", "s", NULL), "/proot: /proot|-w|/|-r|%|/bin/musl|",
		   "and another libc");
}

static void env_check(void)
{
	char *const env[] = { (char[]){ "A=1" }, (char[]){ "FAKECHROOT_BASE=/evil" },
			      (char[]){ "LD_PRELOAD=/mine" }, (char[]){ "LD_LIBRARY_PATH=/l" }, NULL };
	const char *found;

	fake.value[FAKE_ARGV0] = fake.value[FAKE_STATIC] = NULL;
	setting(FAKE_DRIVERS, "/host/nvidia");
	found = exec_by(env_become, env, "/bin/patched", "d", NULL);
	check(strstr(found, "A=1|FAKECHROOT_BASE=TREE|") != NULL, "the settings are those of the start");
	check(strstr(found, "/evil") == NULL, "not those of the program");
	check(strstr(found, "|LD_PRELOAD=/dev/null:/dev/zero:TREE/mine|") != NULL, "its preloads come after ours");
	check(strstr(found, "|LD_LIBRARY_PATH=/host/nvidia:TREE/l|") != NULL,
	      "its library path comes after the drivers");
	check_text(exec_by(words_become, env, "/bin/dynamic", "d", NULL),
		   "/loader: /loader|--library-path|/host/nvidia:TREE/l:TREE/lib|TREE/bin/dynamic|",
		   "both are for the loader");
	check_text(words_of("/bin/ld-linux-x.so.2", "ld", "--list"),
		   "/loader: /loader|--library-path|/host/nvidia:TREE/lib|--list|",
		   "the loader as a command is the mode's");
	setting(FAKE_PRELOAD, "/dev/null:/dev/zero:/no/such:name.so");
	check(fake_preloads(&fake), "what the image wants may be missing");
	setting(FAKE_PRELOAD, "/dev/null");
	check(!fake_preloads(&fake), "libfakechroot may not");
	setting(FAKE_PRELOAD, "/dev/null:/no/such");
	check_text(words_of("/bin/dynamic", "d", NULL), strerror(EACCES),
		   "without a preload nothing starts");
}

int main(void)
{
	char root[] = "/tmp/berth-test-XXXXXX", command[PATH_MAX + 16];

	if (!mkdtemp(root) || !realpath(root, tree) || chdir(tree) || mkdir("bin", 0755))
		return 1;
	setting(FAKE_BASE, tree);
	setting(FAKE_EXCLUDE, "/proc:/sys");
	setting(FAKE_PRELOAD, "/dev/null:/dev/zero");
	setting(FAKE_LOADER, "/loader");
	snprintf(command, sizeof command, "%.4000s/lib", tree);
	setting(FAKE_LIBRARIES, command);
	program_write("/bin/dynamic", 2, "/lib64/ld-linux-x86-64.so.2");
	program_write("/bin/patched", 2, "/loader");
	program_write("/bin/musl", 2, "/lib/ld-musl-x86_64.so.1");
	program_write("/bin/static", 2, NULL);
	program_write("/bin/ld-linux-x.so.2", 2, NULL);
	program_write("/bin/small", 1, NULL);
	text_write("/bin/script", "#! /bin/patched  one two \t\nrest");
	text_write("/bin/nested", "#!/bin/script");
	text_write("/bin/loop", "#!/bin/loop\n");
	text_write("/bin/blank", "#! \n");
	text_write("/bin/empty", "");
	text_write("/bin/short", "\177ELF");
	file_write("/bin/plain", "#!/bin/script\n", 14, 0644);
	paths_check();
	lists_check();
	programs_check();
	static_check();
	env_check();
	snprintf(command, sizeof command, "rm -rf %.4000s", tree);
	check(!system(command), "the end");
	return check_done();
}
