#include "site.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

static int folder_read(char out[PATH_MAX], const char *word, const char *path)
{
	if (*path != '/' || strlen(path) >= PATH_MAX)
		return fault_keep("reading plugstack.conf: '%s' is not an absolute path", word);
	strcpy(out, path);
	return 0;
}

static int prefix_read(struct site *site, const char *prefix)
{
	for (const char *at = prefix; *at; at++)
		if (!islower((unsigned char)*at) && (*at != '-' || at == prefix))
			return fault_keep("reading plugstack.conf: prefix=%s has more than small letters", prefix);
	if (!*prefix || strlen(prefix) >= sizeof site->prefix)
		return fault_keep("reading plugstack.conf: prefix=%s is empty or longer than %zu letters", prefix,
				  sizeof site->prefix - 1);
	strcpy(site->prefix, prefix);
	return 0;
}

static int wait_read(struct site *site, const char *seconds)
{
	char *end;
	long value = strtol(seconds, &end, 10);

	if (end == seconds || *end || value < 1 || value > 86400)
		return fault_keep("reading plugstack.conf: wait=%s is not a number of seconds from 1 to 86400",
				  seconds);
	site->wait = (unsigned)value;
	return 0;
}

/* As slurm.conf has it for SrunPortRange. */
static int ports_read(struct site *site, const char *range)
{
	char *dash, *end;
	unsigned long low = strtoul(range, &dash, 10), high = *dash == '-' ? strtoul(dash + 1, &end, 10) : 0;

	if (!isdigit((unsigned char)*range) || *dash != '-' || !isdigit((unsigned char)dash[1]) || *end || low < 1 ||
	    low > high || high > 65535)
		return fault_keep("reading plugstack.conf: ports=%s is not LOW-HIGH, from 1 to 65535", range);
	site->ports[0] = (unsigned)low;
	site->ports[1] = (unsigned)high;
	return 0;
}

static int choice_read(int *chosen, const char *word, const char *value, const char *no, const char *yes)
{
	*chosen = !strcmp(value, yes);
	if (!*chosen && strcmp(value, no))
		return fault_keep("reading plugstack.conf: '%s' is neither %s nor %s", word, no, yes);
	return 0;
}

/* HOME/lib/slurm/berth.so */
static void home_find(struct site *site, const char *plugin)
{
	snprintf(site->home, sizeof site->home, "%s", plugin);
	for (int i = 0; i < 3; i++) {
		char *slash = strrchr(site->home, '/');

		if (slash)
			*slash = 0;
	}
}

static int word_read(struct site *site, const char *word)
{
	if (!strncmp(word, "home=", 5))
		return folder_read(site->home, word, word + 5);
	if (!strncmp(word, "node_dir=", 9))
		return folder_read(site->node_dir, word, word + 9);
	if (!strncmp(word, "prefix=", 7))
		return prefix_read(site, word + 7);
	if (!strncmp(word, "wait=", 5))
		return wait_read(site, word + 5);
	if (!strncmp(word, "ports=", 6))
		return ports_read(site, word + 6);
	if (!strncmp(word, "container_scope=", 16))
		return choice_read(&site->global_names, word, word + 16, "job", "global");
	if (!strncmp(word, "sbatch=", 7))
		return choice_read(&site->batch, word, word + 7, "steps", "script");
	return fault_keep("reading plugstack.conf: '%s' is not known; home=, node_dir=, prefix=, wait=, ports=, "
			  "container_scope= and sbatch= are", word);
}

int site_read(struct site *site, const char *plugin, int count, char **words)
{
	*site = (struct site){ .node_dir = "/tmp", .prefix = "container", .wait = 1800 };
	home_find(site, plugin);
	for (int i = 0; i < count; i++)
		if (word_read(site, words[i]))
			return -1;
	return 0;
}

int site_path(const struct site *site, const char *part, char out[PATH_MAX])
{
	if ((size_t)snprintf(out, PATH_MAX, "%s/%s", site->home, part) >= PATH_MAX)
		return fault_keep("%s/%s: the path is too long", site->home, part);
	return 0;
}
