#include "image.h"

#include <stdio.h>
#include <string.h>

#include "fault.h"

#define MOST_NAME 1023

static const char *digest_of(const char *name)
{
	const char *at = strrchr(name, '@');

	return at && (!strncmp(at, "@sha256:", 8) || !strncmp(at, "@sha512:", 8)) ? at : NULL;
}

int image_is_pinned(const char *name)
{
	return digest_of(name) != NULL;
}

static int has_blanks(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return 1;
	return 0;
}

int image_is_registry(const char *name)
{
	size_t host = strcspn(name, ":");

	return !strpbrk(name, "/@") && (memchr(name, '.', host) || !strncmp(name, "localhost", host));
}

int image_is_path(const char *name)
{
	return *name == '/' || *name == '.';
}

static int path_read(struct image *image, const char *option, const char *path)
{
	if (strlen(path) >= IMAGE_ROOM)
		return fault_keep("%s: the path is longer than %d bytes", option, IMAGE_ROOM - 1);
	strcpy(image->name, path);
	return 0;
}

/* What is before an '@' that does not begin a digest; steps over it. */
static int user_read(struct image *image, const char *option, const char **name)
{
	const char *at = strchr(*name, '@');
	size_t length = at ? (size_t)(at - *name) : 0;

	if (!at || at == digest_of(*name))
		return 0;
	if (!length || length >= sizeof image->user || !at[1])
		return fault_keep("%s: in '%s' the user before '@', or what is behind, is empty or too long", option, *name);
	memcpy(image->user, *name, length);
	image->user[length] = 0;
	*name = at + 1;
	return 0;
}

int image_read(struct image *image, const char *option, const char *text)
{
	const char *name = text, *hash;

	*image = (struct image){ .name = "" };
	if (image_is_path(name))
		return path_read(image, option, name);
	if (!strncmp(name, "docker://", 9))
		name += 9;
	if (!*name)
		return fault_keep("%s: it names no image", option);
	if (strlen(name) > MOST_NAME)
		return fault_keep("%s: the name is longer than %d bytes", option, MOST_NAME);
	if (has_blanks(name))
		return fault_keep("%s: '%s' has blanks in it", option, text);
	if (strstr(name, "://"))
		return fault_keep("%s: '%s' is of a kind that is not known; docker:// is", option, text);
	if (user_read(image, option, &name))
		return -1;
	hash = strchr(name, '#');
	if (strchr(name, '@') != digest_of(name) || hash == name || (hash && (!hash[1] || strchr(hash + 1, '#'))))
		return fault_keep("%s: '%s' is not [USER@][REGISTRY#]NAME[:TAG|@DIGEST]", option, text);
	strcpy(image->name, name);
	if (hash)
		image->name[hash - name] = '/';
	return 0;
}
