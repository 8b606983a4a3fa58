/* A list of words, ended by NULL like an argv, and its form as one line of text. */
#ifndef BERTH_SPANK_WORDS_H
#define BERTH_SPANK_WORDS_H

#include <stddef.h>

struct words {
	char **word;
	size_t count;
	int lost; /* memory ran out: the list is incomplete and must not be used */
};

/* Adds PREFIX and TEXT as one word. */
void words_add(struct words *words, const char *prefix, const char *text);

/*
 * The words as in a launch plan (docs/formats/launch-plan.md, "Text"): single spaces between, other
 * bytes than visible ASCII as %XX, the empty word as %. To be freed; NULL when memory ran out.
 */
char *words_write(const struct words *words);

/* Adds the words of such a line; 0, or -1 when it is none. */
int words_read(struct words *words, const char *line);

void words_free(struct words *words);

#endif
