#include "env.h"

#include <stdlib.h>
#include <string.h>

int env_matches(const char *glob, const char *name, size_t length)
{
	const char *end = name + length, *retry_name = NULL, *retry_glob = NULL;

	while (name < end) {
		if (*glob == '*') {
			retry_glob = ++glob;
			retry_name = name;
		} else if (*glob && (*glob == '?' || *glob == *name)) {
			glob++;
			name++;
		} else if (retry_glob) {
			glob = retry_glob;
			name = ++retry_name;
		} else {
			return 0;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

static int lines_match(const struct plan *plan, enum plan_directive directive, const char *name,
		       size_t length)
{
	const struct plan_line *line = NULL;

	while ((line = plan_next(plan, directive, line)))
		if (env_matches(line->word[0], name, length))
			return 1;
	return 0;
}

static int lines_name(const struct plan *plan, enum plan_directive directive, const char *name,
		      size_t length)
{
	const struct plan_line *line = NULL;

	while ((line = plan_next(plan, directive, line)))
		if (strlen(line->word[0]) == length && !memcmp(line->word[0], name, length))
			return 1;
	return 0;
}

static int list_has(char **list, size_t count, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < count; i++)
		if (!strncmp(list[i], name, length) && list[i][length] == '=')
			return 1;
	return 0;
}

static char *pair(const char *name, const char *value)
{
	size_t length = strlen(name), rest = strlen(value) + 1;
	char *joined = malloc(length + 1 + rest);

	if (!joined)
		return NULL;
	memcpy(joined, name, length);
	joined[length] = '=';
	memcpy(joined + length + 1, value, rest);
	return joined;
}

static size_t lines_count(const struct plan *plan, enum plan_directive directive)
{
	const struct plan_line *line = NULL;
	size_t count = 0;

	while ((line = plan_next(plan, directive, line)))
		count++;
	return count;
}

static size_t env_count(char *const *env)
{
	size_t count = 0;

	while (env[count])
		count++;
	return count;
}

/* Appends the last setting of each name; -1 when out of memory. */
static int settings_add(const struct plan *plan, enum plan_directive directive, char **env,
			size_t *count)
{
	const struct plan_line *line = NULL, *later;

	while ((line = plan_next(plan, directive, line))) {
		later = line;
		while ((later = plan_next(plan, directive, later)))
			if (!strcmp(later->word[0], line->word[0]))
				break;
		if (later)
			continue;
		env[*count] = pair(line->word[0], line->word[1]);
		if (!env[(*count)++])
			return -1;
	}
	return 0;
}

char **env_build(const struct plan *plan, char *const *caller)
{
	const struct plan_line *line = NULL;
	size_t count = 0;
	char **env = calloc(env_count(caller) + lines_count(plan, PLAN_DEFAULT_ENV) +
				    lines_count(plan, PLAN_SET_ENV) + 1,
			    sizeof *env);

	if (!env)
		return NULL;
	for (; *caller; caller++) {
		size_t length = strcspn(*caller, "=");

		/* A variable that is named by itself was asked for, whatever else is dropped. */
		if (((lines_match(plan, PLAN_KEEP_ENV, *caller, length) &&
		      !lines_match(plan, PLAN_DROP_ENV, *caller, length)) ||
		     lines_name(plan, PLAN_KEEP_ENV, *caller, length)) &&
		    !lines_name(plan, PLAN_SET_ENV, *caller, length))
			env[count++] = *caller;
	}
	while ((line = plan_next(plan, PLAN_DEFAULT_ENV, line))) {
		const char *name = line->word[0];

		if (list_has(env, count, name) ||
		    lines_name(plan, PLAN_SET_ENV, name, strlen(name)))
			continue;
		env[count] = pair(name, line->word[1]);
		if (!env[count++])
			return NULL;
	}
	return settings_add(plan, PLAN_SET_ENV, env, &count) ? NULL : env;
}

char **env_engine(const struct plan *plan, char *const *env)
{
	size_t count = 0;
	char **all = calloc(env_count(env) + lines_count(plan, PLAN_ENGINE_ENV) + 1, sizeof *all);

	if (!all)
		return NULL;
	for (; *env; env++)
		if (!lines_name(plan, PLAN_ENGINE_ENV, *env, strcspn(*env, "=")))
			all[count++] = *env;
	return settings_add(plan, PLAN_ENGINE_ENV, all, &count) ? NULL : all;
}

char *env_engine_names(const struct plan *plan)
{
	const struct plan_line *line = NULL;
	size_t room = 2, length = 0;
	char *names;

	while ((line = plan_next(plan, PLAN_ENGINE_ENV, line)))
		room += strlen(line->word[0]) + 1;
	names = malloc(room);
	if (!names)
		return NULL;
	names[length++] = '-';
	names[length] = 0;
	while ((line = plan_next(plan, PLAN_ENGINE_ENV, line))) {
		size_t bytes = strlen(line->word[0]);

		length = length == 1 && names[0] == '-' ? 0 : length;
		if (length)
			names[length++] = ',';
		memcpy(names + length, line->word[0], bytes + 1);
		length += bytes;
	}
	return names;
}
