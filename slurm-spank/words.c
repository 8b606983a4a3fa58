#include "words.h"

#include <stdlib.h>
#include <string.h>

static int is_plain(unsigned char byte)
{
	return byte > 0x20 && byte < 0x7f && byte != '%';
}

/* Takes TEXT, which is to be freed. */
static void words_take(struct words *words, char *text)
{
	char **more = text ? realloc(words->word, (words->count + 2) * sizeof *more) : NULL;

	if (!more) {
		free(text);
		words->lost = 1;
		return;
	}
	words->word = more;
	words->word[words->count++] = text;
	words->word[words->count] = NULL;
}

void words_add(struct words *words, const char *prefix, const char *text)
{
	size_t before = strlen(prefix), length = strlen(text);
	char *both = malloc(before + length + 1);

	if (both) {
		memcpy(both, prefix, before);
		memcpy(both + before, text, length + 1);
	}
	words_take(words, both);
}

static char *word_write(char *out, const char *word)
{
	static const char digits[] = "0123456789ABCDEF";

	if (!*word)
		*out++ = '%';
	for (; *word; word++) {
		unsigned char byte = (unsigned char)*word;

		if (is_plain(byte)) {
			*out++ = *word;
		} else {
			*out++ = '%';
			*out++ = digits[byte >> 4];
			*out++ = digits[byte & 15];
		}
	}
	return out;
}

char *words_write(const struct words *words)
{
	size_t room = 1;
	char *text, *out;

	for (size_t i = 0; i < words->count; i++)
		room += 3 * strlen(words->word[i]) + 2;
	text = words->lost ? NULL : malloc(room);
	if (!text)
		return NULL;
	out = text;
	for (size_t i = 0; i < words->count; i++) {
		if (i)
			*out++ = ' ';
		out = word_write(out, words->word[i]);
	}
	*out = 0;
	return text;
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* Decodes WORD where it lies; 0, or -1. */
static int word_decode(char *word)
{
	char *out = word;

	if (!strcmp(word, "%"))
		*word = 0;
	while (*word) {
		if (*word == '%') {
			int high = hex_digit(word[1]), low = high < 0 ? -1 : hex_digit(word[2]);

			if (low < 0 || !(high | low))
				return -1;
			*out++ = (char)(high << 4 | low);
			word += 3;
		} else if (is_plain((unsigned char)*word)) {
			*out++ = *word++;
		} else {
			return -1;
		}
	}
	*out = 0;
	return 0;
}

int words_read(struct words *words, const char *line)
{
	while (*line) {
		size_t length = strcspn(line, " ");
		char *word = length ? strndup(line, length) : NULL;

		if (!word || word_decode(word)) {
			free(word);
			return -1;
		}
		words_take(words, word);
		line += length;
		if (*line && !*++line)
			return -1;
	}
	return words->lost ? -1 : 0;
}

void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->word[i]);
	free(words->word);
	*words = (struct words){ 0 };
}
