#include "message.h"

#include <stdarg.h>

#include "sys.h"
#include "text.h"

#define LINE 3000

static char kept[LINE];
static char hinted[LINE];

static size_t line_add(char *line, size_t length, const char *piece)
{
	for (; *piece && length < LINE - 1; piece++) {
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
		length = line_add(kept, length, piece);
	va_end(more);
	return -1;
}

void message_hint(const char *piece, ...)
{
	size_t length = 0;
	va_list more;

	va_start(more, piece);
	for (; piece; piece = va_arg(more, const char *))
		length = line_add(hinted, length, piece);
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
	static char whole[2 * LINE + 32];
	size_t length = 0;

	length = whole_add(whole, length, "berth: ");
	length = whole_add(whole, length, kept);
	length = whole_add(whole, length, "\n");
	if (hinted[0]) {
		length = whole_add(whole, length, "hint: ");
		length = whole_add(whole, length, hinted);
		length = whole_add(whole, length, "\n");
	}
	sys_call(SYS_write, 2, sys_pointer(whole), (long)length, 0, 0);
	return status;
}
