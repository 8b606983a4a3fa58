#include "emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "message.h"
#include "text.h"

#define FOLDER "/proc/sys/fs/binfmt_misc"
#define HEADER 20 /* bytes of an ELF file, up to the number of its machine */
#define TYPE 16
#define MACHINE 18
#define ABI 7

/* Between the parts of a registration, since any other byte may be in the path. */
#define PART "\001"

static int fail(const char *what)
{
	return message_keep("telling the kernel what runs programs of another processor: ", what, ": ",
			    text_error(errno), NULL);
}

/* Appends BYTES as \xHH each. */
static void bytes_add(char *text, const unsigned char bytes[HEADER])
{
	static const char digits[] = "0123456789abcdef";

	text += strlen(text);
	for (int i = 0; i < HEADER; i++) {
		*text++ = '\\';
		*text++ = 'x';
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = 0;
}

/* Executable files and position independent ones are two types, with numbers side by side. */
static void header_add(char *text, char *const *word)
{
	unsigned char magic[HEADER] = { 0x7f, 'E', 'L', 'F' }, mask[HEADER];
	int big = !strcmp(word[EMULATOR_ORDER], "big");
	unsigned long long machine = 0;

	text_number(word[EMULATOR_MACHINE], 0xffff, &machine);
	magic[4] = strcmp(word[EMULATOR_BITS], "64") ? 1 : 2;
	magic[5] = big ? 2 : 1;
	magic[6] = 1;
	magic[TYPE + big] = 2;
	magic[MACHINE + big] = (unsigned char)(machine & 0xff);
	magic[MACHINE + !big] = (unsigned char)(machine >> 8);
	memset(mask, 0xff, sizeof mask);
	mask[ABI] = 0;
	mask[TYPE + big] = 0xfe;
	bytes_add(text, magic);
	strcat(text, PART);
	bytes_add(text, mask);
}

/* With F the kernel opens the program now, so that the container need not have it. */
int emulator_register(char *const *word)
{
	char text[2 * 4 * HEADER + PATH_MAX + 64] = PART "berth" PART "M" PART PART;
	size_t length;
	int fd, failed;

	if (strlen(word[EMULATOR_PROGRAM]) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return fail(word[EMULATOR_PROGRAM]);
	}
	header_add(text, word);
	strcat(strcat(strcat(text, PART), word[EMULATOR_PROGRAM]), PART "F");
	length = strlen(text);
	if (mount("binfmt_misc", FOLDER, "binfmt_misc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return fail("mounting binfmt_misc in a user namespace (Linux 6.7)");
	fd = open(FOLDER "/register", O_WRONLY | O_CLOEXEC);
	failed = fd < 0 || write(fd, text, length) != (ssize_t)length;
	if (failed)
		fail(word[EMULATOR_PROGRAM]);
	if (fd >= 0)
		close(fd);
	return failed ? -1 : 0;
}
