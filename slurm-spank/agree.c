#include "agree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "stage.h"
#include "words.h"

extern char **environ;

int agree_first(const char *line, char mode[AGREE_MODE])
{
	const char *modes = line + strcspn(line, " ");
	size_t length;

	modes += *modes == ' ';
	length = strcspn(modes, ", \n");
	if (!length || length >= AGREE_MODE || *modes == '-')
		return -1;
	memcpy(mode, modes, length);
	mode[length] = 0;
	return 0;
}

static int is_first_of_all(char *const *lines, size_t count, char mode[AGREE_MODE])
{
	char other[AGREE_MODE];

	if (agree_first(lines[0], mode))
		return 0;
	for (size_t i = 1; i < count; i++)
		if (agree_first(lines[i], other) || strcmp(mode, other))
			return 0;
	return 1;
}

/* The line of all nodes that can do the same as that of LINES[AT], or NULL when one before has it; to be freed. */
static char *line_joined(char *const *lines, size_t count, size_t at)
{
	const char *rest = strchr(lines[at], ' ');
	size_t room = strlen(lines[at]) + 1;
	char *joined;

	if (!rest)
		return strdup(lines[at]);
	for (size_t i = 0; i < count; i++) {
		const char *other = strchr(lines[i], ' ');

		if (other && !strcmp(other, rest) && i < at)
			return NULL;
		room += other && !strcmp(other, rest) ? (size_t)(other - lines[i]) + 1 : 0;
	}
	joined = malloc(room);
	if (!joined)
		return NULL;
	snprintf(joined, room, "%.*s", (int)(rest - lines[at]), lines[at]);
	for (size_t i = at + 1; i < count; i++) {
		const char *other = strchr(lines[i], ' ');

		if (other && !strcmp(other, rest))
			sprintf(joined + strlen(joined), ",%.*s", (int)(other - lines[i]), lines[i]);
	}
	return strcat(joined, rest);
}

int agree(char *const *lines, size_t count, const char *berth, char mode[AGREE_MODE], void (*say)(const char *line))
{
	static struct child_output out, err;
	struct words argv = { 0 };
	int status = -1;

	if (is_first_of_all(lines, count, mode))
		return 0;
	words_add(&argv, "", berth);
	words_add(&argv, "", "--quiet");
	words_add(&argv, "", "node");
	words_add(&argv, "", "agree");
	for (size_t i = 0; i < count; i++) {
		char *joined = line_joined(lines, count, i);

		if (joined)
			words_add(&argv, "", joined);
		free(joined);
	}
	if (!argv.lost)
		status = child_run(argv.word, environ, &out, &err);
	words_free(&argv);
	out.text[strcspn(out.text, "\n")] = 0;
	if (!status && *out.text && strlen(out.text) < AGREE_MODE) {
		strcpy(mode, out.text);
		return 0;
	}
	lines_say(*err.text ? err.text : "berth: agreeing on one execution mode: no answer", say);
	return -1;
}
