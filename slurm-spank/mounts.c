#include "mounts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

/* Flags of mount(8) that hold anyway, in a mount namespace of the step's own. */
static const char *const idle[] = { "rw",	    "bind",	    "rbind",	     "private",
				    "rprivate", "x-create=dir", "x-create=file", "x-create=auto" };

/* Those that berth is told. */
static const char *const told[] = { "ro", "nosuid", "nodev", "noexec", "slave", "rslave", "unbindable" };

struct mount {
	const char *option; /* for faults */
	const char *all;    /* the same */
	char *source, *target, *flags;
};

static int refuse(const struct mount *mount, const char *why)
{
	return fault_keep("%s: in '%s' %s; the form is SRC[:DST[:FLAG+FLAG...]]", mount->option,
			  mount->all, why);
}

/* Cuts TEXT at its next SEPARATOR; what follows, or NULL. */
static char *cut(char *text, char separator)
{
	char *at = strchr(text, separator);

	if (at)
		*at++ = 0;
	return at;
}

static int climbs(const char *path)
{
	for (const char *at = path; (at = strstr(at, "..")); at += 2)
		if ((at == path || at[-1] == '/') && (!at[2] || at[2] == '/'))
			return 1;
	return 0;
}

static int target_check(const struct mount *mount, const char *target)
{
	if (*target != '/')
		return refuse(mount, "the place inside is not an absolute path");
	if (climbs(target))
		return refuse(mount, "the place inside climbs with '..'");
	return strspn(target, "/.") == strlen(target) ? refuse(mount, "the place inside is the root") : 0;
}

static int is_among(const char *const *flags, size_t count, const char *flag)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(flag, flags[i]))
			return 1;
	return 0;
}

/* Reads FLAGS, joined by +; those that matter go to KEPT, comma separated behind a colon. */
static int flags_read(const struct mount *mount, char *kept, size_t room)
{
	char why[128];

	*kept = 0;
	for (char *flag = mount->flags, *next; flag; flag = next) {
		size_t length = strlen(kept);

		next = cut(flag, '+');
		if (is_among(idle, sizeof idle / sizeof *idle, flag))
			continue;
		if (!is_among(told, sizeof told / sizeof *told, flag)) {
			snprintf(why, sizeof why, "the flag '%.60s' is not known", flag);
			return refuse(mount, why);
		}
		if (length + strlen(flag) + 2 > room)
			return refuse(mount, "there are too many flags");
		snprintf(kept + length, room - length, "%c%s", length ? ',' : ':', flag);
	}
	return 0;
}

/* tmpfs:DST[:OPTION+OPTION...] */
static int tmpfs_words(struct words *words, const struct mount *mount)
{
	char *text;

	if (!mount->target)
		return refuse(mount, "tmpfs wants a place inside");
	if (target_check(mount, mount->target))
		return -1;
	if (mount->flags && !*mount->flags)
		return refuse(mount, "the options are empty");
	if (asprintf(&text, "%s%s%s", mount->target, mount->flags ? ":" : "", mount->flags ? mount->flags : "") < 0)
		return refuse(mount, "memory ran out");
	for (char *at = text + strlen(mount->target); *at; at++)
		if (*at == '+')
			*at = ',';
	words_add(words, "--tmpfs=", text);
	free(text);
	return 0;
}

static int bind_words(struct words *words, const struct mount *mount)
{
	char flags[128], *text;
	const char *target = mount->target ? mount->target : "";
	size_t room;

	if (*mount->source != '/' && *mount->source != '.')
		return refuse(mount, "the source is no path: it begins with neither '/' nor '.'");
	if (mount->target && target_check(mount, target))
		return -1;
	if (!mount->target && *mount->source == '/' && target_check(mount, mount->source))
		return -1;
	if (flags_read(mount, flags, sizeof flags))
		return -1;
	room = strlen(mount->source) + strlen(target) + sizeof flags + 2;
	text = malloc(room);
	if (!text)
		return refuse(mount, "memory ran out");
	snprintf(text, room, "%s:%s%s", mount->source, target, *flags ? flags : ":rw");
	words_add(words, "--volume=", text);
	free(text);
	return 0;
}

static int mount_words(struct words *words, struct mount *mount)
{
	if (strlen(mount->all) >= PATH_MAX)
		return fault_keep("%s: a mount is longer than %d bytes", mount->option, PATH_MAX - 1);
	mount->target = cut(mount->source, ':');
	mount->flags = mount->target ? cut(mount->target, ':') : NULL;
	if (!*mount->source)
		return refuse(mount, "the source is empty");
	if (mount->flags && strchr(mount->flags, ':'))
		return refuse(mount, "there are more than three parts");
	if (!strcmp(mount->source, "umount")) {
		if (!mount->target || mount->flags)
			return refuse(mount, "umount wants one place inside");
		if (target_check(mount, mount->target))
			return -1;
		words_add(words, "--novol=", mount->target);
		return 0;
	}
	return strcmp(mount->source, "tmpfs") ? bind_words(words, mount) : tmpfs_words(words, mount);
}

int mounts_words(struct words *words, const char *option, const char *text)
{
	char *copy = strdup(text);
	int result = copy ? 0 : fault_keep("%s: memory ran out", option);

	for (char *at = copy, *next; at && !result; at = next) {
		char *whole;

		next = cut(at, ',');
		if (!*at) {
			result = fault_keep("%s: '%s' has a comma too many", option, text);
			break;
		}
		whole = strdup(at);
		if (!whole) {
			result = fault_keep("%s: memory ran out", option);
			break;
		}
		result = mount_words(words, &(struct mount){ .option = option, .all = whole, .source = at });
		free(whole);
	}
	free(copy);
	return result;
}
