/* Memory is only ever taken: the programs here live for milliseconds, or hold what they have. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "small.h"

#define ALIGNMENT 16
#define CHUNK (64 * 1024)

/* In front of each block, for realloc. */
struct header {
	size_t size;
	size_t unused;
};

/* No first chunk in static data: the init needs none, and would pay for one more segment. */
static char *next;
static size_t left;

static int chunk_map(size_t size)
{
	size_t room = size > CHUNK ? size : CHUNK;
	long at;

	at = sys_call6(SYS_mmap, 0, (long)room, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at < 0 && at > -4096) {
		errno = ENOMEM;
		return -1;
	}
	next = (char *)at;
	left = room;
	return 0;
}

void *malloc(size_t size)
{
	struct header *header;
	size_t whole;

	if (size > SIZE_MAX / 2) {
		errno = ENOMEM;
		return NULL;
	}
	whole = sizeof *header + (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (whole > left && chunk_map(whole))
		return NULL;
	header = (struct header *)(void *)next;
	next += whole;
	left -= whole;
	header->size = size;
	return header + 1;
}

void *calloc(size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return malloc(count * size); /* never used before, therefore zero */
}

void *realloc(void *block, size_t size)
{
	void *more = malloc(size);
	size_t old = block ? ((struct header *)block - 1)->size : 0;

	if (more && block)
		memcpy(more, block, old < size ? old : size);
	return more;
}

void free(void *block)
{
	(void)block;
}

char *getenv(const char *name)
{
	size_t length = strlen(name);

	for (char **variable = environ; *variable; variable++)
		if (!strncmp(*variable, name, length) && (*variable)[length] == '=')
			return *variable + length + 1;
	return NULL;
}
