#include "image.h"

#include <stdio.h>
#include <string.h>

#include "fault.h"

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

int image_name(char out[IMAGE_ROOM], const char *option, const char *text)
{
	const char *name = text, *hash, *at;

	if (!strncmp(name, "docker://", 9))
		name += 9;
	if (!*name)
		return fault_keep("%s: it names no image", option);
	if (strlen(name) >= IMAGE_ROOM)
		return fault_keep("%s: the name is longer than %d bytes", option, IMAGE_ROOM - 1);
	if (has_blanks(name))
		return fault_keep("%s: '%s' has blanks in it", option, text);
	if (*name == '/' || *name == '.')
		return fault_keep("%s: '%s' is a path; only names of images can be used, "
				  "as [REGISTRY#]NAME[:TAG|@DIGEST]", option, text);
	if (strstr(name, "://"))
		return fault_keep("%s: '%s' is of a kind that is not known; docker:// is", option, text);
	hash = strchr(name, '#');
	at = strchr(name, '@');
	if (at && at != digest_of(name))
		return fault_keep("%s: '%s' names a user; sign in once with 'berth login', and leave "
				  "'%.*s@' out", option, text, (int)(at - name), name);
	if (hash == name || (hash && (!hash[1] || strchr(hash + 1, '#'))))
		return fault_keep("%s: '%s' is not [REGISTRY#]NAME[:TAG|@DIGEST]", option, text);
	snprintf(out, IMAGE_ROOM, "%s", name);
	if (hash)
		out[hash - name] = '/';
	return 0;
}
