#include <stdlib.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	char *out = to;
	const char *in = from;

	while (size--)
		*out++ = *in++;
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	char *out = to;
	const char *in = from;

	if (out <= in)
		return memcpy(to, from, size);
	while (size--)
		out[size] = in[size];
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	char *out = to;

	while (size--)
		*out++ = (char)byte;
	return to;
}

int memcmp(const void *one, const void *other, size_t size)
{
	const unsigned char *a = one, *b = other;

	for (; size; size--, a++, b++)
		if (*a != *b)
			return *a - *b;
	return 0;
}

/* Names in parentheses are macros in headers of C23. */
void *(memchr)(const void *where, int byte, size_t size)
{
	const unsigned char *at = where;

	for (; size; size--, at++)
		if (*at == (unsigned char)byte)
			return (void *)(unsigned long)at;
	return NULL;
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

int strcmp(const char *one, const char *other)
{
	while (*one && *one == *other) {
		one++;
		other++;
	}
	return (unsigned char)*one - (unsigned char)*other;
}

int strncmp(const char *one, const char *other, size_t size)
{
	while (size && *one && *one == *other) {
		one++;
		other++;
		size--;
	}
	return size ? (unsigned char)*one - (unsigned char)*other : 0;
}

char *(strchr)(const char *text, int byte)
{
	for (;; text++) {
		if (*text == (char)byte)
			return (char *)(unsigned long)text;
		if (!*text)
			return NULL;
	}
}

char *(strrchr)(const char *text, int byte)
{
	char *last = NULL;

	for (;; text++) {
		if (*text == (char)byte)
			last = (char *)(unsigned long)text;
		if (!*text)
			return last;
	}
}

size_t strcspn(const char *text, const char *stops)
{
	size_t length = 0;

	while (text[length] && !strchr(stops, text[length]))
		length++;
	return length;
}

size_t strspn(const char *text, const char *allowed)
{
	size_t length = 0;

	while (text[length] && strchr(allowed, text[length]))
		length++;
	return length;
}

char *strcpy(char *restrict to, const char *restrict from)
{
	memcpy(to, from, strlen(from) + 1);
	return to;
}

char *strcat(char *restrict to, const char *restrict from)
{
	strcpy(to + strlen(to), from);
	return to;
}

char *strndup(const char *text, size_t size)
{
	size_t length = 0;
	char *copy;

	while (length < size && text[length])
		length++;
	copy = malloc(length + 1);
	if (!copy)
		return NULL;
	memcpy(copy, text, length);
	copy[length] = 0;
	return copy;
}

/* By insertion: the lists here have a handful of entries. */
void qsort(void *list, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	char *first = list, spare[64];

	for (size_t i = 1; i < count && size <= sizeof spare; i++) {
		size_t at = i;

		memcpy(spare, first + i * size, size);
		for (; at && compare(first + (at - 1) * size, spare) > 0; at--)
			memcpy(first + at * size, first + (at - 1) * size, size);
		memcpy(first + at * size, spare, size);
	}
}
