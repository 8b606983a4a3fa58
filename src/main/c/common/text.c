#include "text.h"

#include <errno.h>

const char *text_after(const char *text, const char *prefix)
{
	while (*prefix)
		if (*text++ != *prefix++)
			return NULL;
	return text;
}

int text_number(const char *text, unsigned long long max, unsigned long long *value)
{
	unsigned long long sum = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (*text < '0' || digit > 9 || sum > max / 10 || sum * 10 > max - digit)
			return -1;
		sum = sum * 10 + digit;
	}
	*value = sum;
	return 0;
}

char *text_decimal(char buffer[TEXT_DECIMAL], long long value)
{
	char reversed[TEXT_DECIMAL];
	unsigned long long rest = (unsigned long long)value;
	size_t digits = 0, at = 0;

	if (value < 0)
		rest = 0 - rest;
	do {
		reversed[digits++] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		buffer[at++] = '-';
	while (digits)
		buffer[at++] = reversed[--digits];
	buffer[at] = 0;
	return buffer;
}

/* Own texts: strerror(3) brings a locale and its memory along. */
static const struct {
	int error;
	const char *meaning;
} meanings[] = {
	{ EPERM, "Operation not permitted" },
	{ ENOENT, "No such file or directory" },
	{ ESRCH, "No such process" },
	{ EINTR, "Interrupted" },
	{ EIO, "Input/output error" },
	{ ENXIO, "No such device or address" },
	{ E2BIG, "Argument list too long" },
	{ ENOEXEC, "Exec format error" },
	{ EBADF, "Bad file descriptor" },
	{ EAGAIN, "Resource temporarily unavailable" },
	{ ENOMEM, "Out of memory" },
	{ EACCES, "Permission denied" },
	{ EBUSY, "Device or resource busy" },
	{ EEXIST, "File exists" },
	{ EXDEV, "Invalid cross-device link" },
	{ ENODEV, "No such device" },
	{ ENOTDIR, "Not a directory" },
	{ EISDIR, "Is a directory" },
	{ EINVAL, "Invalid argument" },
	{ ENFILE, "Too many open files in system" },
	{ EMFILE, "Too many open files" },
	{ ETXTBSY, "Text file busy" },
	{ EFBIG, "File too large" },
	{ ENOSPC, "No space left on device" },
	{ EROFS, "Read-only file system" },
	{ EMLINK, "Too many links" },
	{ ENAMETOOLONG, "File name too long" },
	{ ENOSYS, "Function not implemented by this kernel" },
	{ ENOTEMPTY, "Directory not empty" },
	{ ELOOP, "Too many levels of symbolic links" },
	{ EUSERS, "Too many users" },
	{ EOPNOTSUPP, "Operation not supported" },
	{ EDQUOT, "Disk quota exceeded" },
	{ ESTALE, "Stale file handle" },
	{ ELIBBAD, "Accessing a corrupted shared library" },
	{ ENOLCK, "No locks available" },
	{ EHOSTDOWN, "Host is down" },
	{ ETIMEDOUT, "Connection timed out" },
};

const char *text_error(int error)
{
	static char unknown[8 + TEXT_DECIMAL] = "error ";

	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (meanings[i].error == error)
			return meanings[i].meaning;
	text_decimal(unknown + 6, error);
	return unknown;
}
