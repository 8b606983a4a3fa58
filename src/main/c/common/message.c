#include "message.h"

#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

/* Small, so that all static data is one page: see the Makefile on segments. */
#define KEPT 1400
#define HINTED 400

static char kept[KEPT];
static char hinted[HINTED];

static size_t line_add(char *line, size_t room, size_t length, const char *piece)
{
	for (; *piece && length < room - 1; piece++) {
		unsigned char byte = (unsigned char)*piece;

		/* A name may hold a newline; the message keeps its two lines. */
		line[length++] = byte < 0x20 || byte == 0x7f ? '?' : *piece;
	}
	line[length] = 0;
	return length;
}

int message_keep(const char *piece, ...)
{
	size_t length = 0;
	va_list more;

	hinted[0] = 0;
	va_start(more, piece);
	for (; piece; piece = va_arg(more, const char *))
		length = line_add(kept, KEPT, length, piece);
	va_end(more);
	return -1;
}

void message_hint(const char *piece, ...)
{
	size_t length = 0;
	va_list more;

	va_start(more, piece);
	for (; piece; piece = va_arg(more, const char *))
		length = line_add(hinted, HINTED, length, piece);
	va_end(more);
}

const char *message_kept(void)
{
	return kept;
}

const char *message_hinted(void)
{
	return hinted;
}

void message_forget(void)
{
	kept[0] = 0;
	hinted[0] = 0;
}

static size_t whole_add(char *whole, size_t length, const char *piece)
{
	while (*piece)
		whole[length++] = *piece++;
	return length;
}

int message_print(int status)
{
	char whole[KEPT + HINTED + 32];
	size_t length = 0;
	ssize_t written;

	length = whole_add(whole, length, "berth: ");
	length = whole_add(whole, length, kept);
	length = whole_add(whole, length, "\n");
	if (hinted[0]) {
		length = whole_add(whole, length, "hint: ");
		length = whole_add(whole, length, hinted);
		length = whole_add(whole, length, "\n");
	}
	/* Where this fails nobody can be told, so the status is the same; the compiler wants the answer used. */
	written = write(2, whole, length);

	(void)written;
	return status;
}
