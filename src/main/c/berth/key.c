#include "key.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../common/run.h"
#include "../common/text.h"
#include "jvm.h"

/* Changes with what is hashed, and with the file's format. */
#define KEY_HEAD "berth plan key 1 " BERTH_BUILD_ID

#define VARIABLES_MOST 1024
#define GROUPS_MOST 65536

/* Java reads these, the program's own come from its starter each time. */
static const char *const names[] = { "UDOCKER_",    "BERTH_",	    "HOME=",	      "USER=",
				     "LOGNAME=",    "PATH=",	    "TMPDIR=",	      "SSL_CERT_FILE=",
				     "http_proxy=", "https_proxy=", "HTTPS_PROXY=",   "all_proxy=",
				     "ALL_PROXY=",  "no_proxy=",    "CURL_CA_BUNDLE=", "NO_PROXY=" };

/* With these each start is another one, or the user wants no plan of another start. */
static const char *const never[] = { "--rm", "--no-plan-cache", "--location" };

/* No word can be mistaken for the end of another: each comes with its length. */
static void add(struct sha256 *sum, const void *bytes, size_t size)
{
	uint64_t length = size;

	sha256_add(sum, &length, sizeof length);
	sha256_add(sum, bytes, size);
}

static void add_text(struct sha256 *sum, const char *text)
{
	add(sum, text, strlen(text));
}

static int is_never(const char *word)
{
	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		const char *rest = text_after(word, never[i]);

		if (rest && (!*rest || *rest == '='))
			return 1;
	}
	return 0;
}

static int matters(const char *variable)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (text_after(variable, names[i]))
			return 1;
	return 0;
}

static int compare(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

static int is_same_name(const char *one, const char *other)
{
	size_t length = strcspn(one, "=");

	return length == strcspn(other, "=") && !memcmp(one, other, length);
}

/* In any order, for which a shell gives no promise; 0 when a name is there twice. */
static int add_variables(struct sha256 *sum, char *const *env)
{
	char *found[VARIABLES_MOST];
	size_t count = 0;

	for (; *env; env++) {
		if (!matters(*env))
			continue;
		if (count == VARIABLES_MOST)
			return 0;
		found[count++] = *env;
	}
	qsort(found, count, sizeof *found, compare);
	add(sum, &count, sizeof count);
	for (size_t i = 0; i < count; i++) {
		if (i && is_same_name(found[i - 1], found[i]))
			return 0;
		add_text(sum, found[i]);
	}
	return 1;
}

static int add_ids(struct sha256 *sum)
{
	uint32_t ids[2] = { geteuid(), getegid() };
	int count = getgroups(0, NULL);
	gid_t *groups = count < 0 || count > GROUPS_MOST
				? NULL
				: calloc((size_t)count + 1, sizeof *groups);

	if (!groups)
		return 0;
	count = getgroups(count, groups);
	add(sum, ids, sizeof ids);
	add(sum, groups, (size_t)(count < 0 ? 0 : count) * sizeof *groups);
	free(groups);
	return count >= 0;
}

/* Which berth this is, and on which machine and kernel. */
static int add_place(struct sha256 *sum, const struct front *front)
{
	const char *slash = strrchr(front->name, '/');
	struct utsname name;
	struct stat file;

	if (stat("/proc/self/exe", &file) || uname(&name))
		return 0;
	add_text(sum, front->root);
	add_text(sum, slash ? slash + 1 : front->name);
	add(sum, &file.st_ino, sizeof file.st_ino);
	add(sum, &file.st_size, sizeof file.st_size);
	add(sum, &file.st_ctim, sizeof file.st_ctim);
	add_text(sum, name.nodename);
	add_text(sum, name.release);
	add_text(sum, name.version);
	return 1;
}

static int add_words(struct sha256 *sum, char *const *args)
{
	const char *command = jvm_command(args);
	size_t count = 0;

	for (; args[count]; count++) {
		if (is_never(args[count]))
			return 0;
		add_text(sum, args[count] == command ? "run" : args[count]);
	}
	add(sum, &count, sizeof count);
	return 1;
}

static int is_switched_off(char *const *env)
{
	const char *value = run_variable(env, "BERTH_PLAN_CACHE");

	return value && !strcmp(value, "0");
}

int key_of(const struct front *front, char *const *args, const char *folder, char key[SHA256_HEX])
{
	const char *command = jvm_command(args);
	struct sha256 sum;

	if ((strcmp(command, "run") && strcmp(command, "explain")) ||
	    (front->hidden && *front->hidden) || is_switched_off(front->env))
		return 0;
	sha256_begin(&sum);
	add_text(&sum, KEY_HEAD);
	add_text(&sum, folder);
	if (!add_words(&sum, args) || !add_place(&sum, front) || !add_ids(&sum) ||
	    !add_variables(&sum, front->env))
		return 0;
	sha256_hex(&sum, key);
	return 1;
}
