#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "small.h"

int openat(int dir, const char *path, int flags, ...)
{
	va_list more;
	int mode = 0;

	if (flags & O_CREAT) {
		va_start(more, flags);
		mode = va_arg(more, int);
		va_end(more);
	}
	return (int)small_call(SYS_openat, dir, sys_pointer(path), flags, mode, 0);
}

int open(const char *path, int flags, ...)
{
	va_list more;
	int mode = 0;

	if (flags & O_CREAT) {
		va_start(more, flags);
		mode = va_arg(more, int);
		va_end(more);
	}
	return openat(AT_FDCWD, path, flags, mode);
}

int close(int fd)
{
	return (int)small_call(SYS_close, fd, 0, 0, 0, 0);
}

int unlinkat(int dir, const char *path, int flags)
{
	return (int)small_call(SYS_unlinkat, dir, sys_pointer(path), flags, 0, 0);
}

int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

ssize_t read(int fd, void *buffer, size_t size)
{
	return small_call(SYS_read, fd, sys_pointer(buffer), (long)size, 0, 0);
}

ssize_t write(int fd, const void *buffer, size_t size)
{
	return small_call(SYS_write, fd, sys_pointer(buffer), (long)size, 0, 0);
}

ssize_t pread(int fd, void *buffer, size_t size, off_t offset)
{
	return small_call(SYS_pread64, fd, sys_pointer(buffer), (long)size, offset, 0);
}

ssize_t pwrite(int fd, const void *buffer, size_t size, off_t offset)
{
	return small_call(SYS_pwrite64, fd, sys_pointer(buffer), (long)size, offset, 0);
}

off_t lseek(int fd, off_t offset, int whence)
{
	return small_call(SYS_lseek, fd, offset, whence, 0, 0);
}

int ftruncate(int fd, off_t size)
{
	return (int)small_call(SYS_ftruncate, fd, size, 0, 0, 0);
}

/* struct stat is the kernel's own on 64 bit machines. */
int fstatat(int dir, const char *restrict path, struct stat *restrict entry, int flags)
{
	return (int)small_call(SYS_newfstatat, dir, sys_pointer(path), sys_pointer(entry), flags,
			       0);
}

int stat(const char *restrict path, struct stat *restrict entry)
{
	return fstatat(AT_FDCWD, path, entry, 0);
}

int fstat(int fd, struct stat *entry)
{
	return (int)small_call(SYS_fstat, fd, sys_pointer(entry), 0, 0, 0);
}

int fstatfs(int fd, struct statfs *state)
{
	return (int)small_call(SYS_fstatfs, fd, sys_pointer(state), 0, 0, 0);
}

ssize_t readlinkat(int dir, const char *restrict path, char *restrict buffer, size_t size)
{
	return small_call(SYS_readlinkat, dir, sys_pointer(path), sys_pointer(buffer), (long)size,
			  0);
}

ssize_t readlink(const char *restrict path, char *restrict buffer, size_t size)
{
	return readlinkat(AT_FDCWD, path, buffer, size);
}

int mkdirat(int dir, const char *path, mode_t mode)
{
	return (int)small_call(SYS_mkdirat, dir, sys_pointer(path), mode, 0, 0);
}

int symlinkat(const char *body, int dir, const char *path)
{
	return (int)small_call(SYS_symlinkat, sys_pointer(body), dir, sys_pointer(path), 0, 0);
}

int dup(int fd)
{
	return (int)small_call(SYS_dup, fd, 0, 0, 0, 0);
}

int dup2(int from, int to)
{
	if (from == to)
		return to;
	return (int)small_call(SYS_dup3, from, to, 0, 0, 0);
}

int pipe2(int pair[2], int flags)
{
	return (int)small_call(SYS_pipe2, sys_pointer(pair), flags, 0, 0, 0);
}

int flock(int fd, int operation)
{
	return (int)small_call(SYS_flock, fd, operation, 0, 0, 0);
}

int fcntl(int fd, int command, ...)
{
	va_list more;
	long argument;

	va_start(more, command);
	argument = command == F_SETLK ? sys_pointer(va_arg(more, void *)) : va_arg(more, int);
	va_end(more);
	return (int)small_call(SYS_fcntl, fd, command, argument, 0, 0);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list more;
	long argument;

	va_start(more, request);
	argument = va_arg(more, long);
	va_end(more);
	return (int)small_call(SYS_ioctl, fd, (long)request, argument, 0, 0);
}

int syncfs(int fd)
{
	return (int)small_call(SYS_syncfs, fd, 0, 0, 0, 0);
}

int isatty(int fd)
{
	char settings[256]; /* the kernel's struct termios is smaller than libc's */

	return !ioctl(fd, TCGETS, settings);
}

int poll(struct pollfd *event, nfds_t count, int milliseconds)
{
	struct timespec pause = { milliseconds / 1000, milliseconds % 1000 * 1000000L };

	return (int)small_call(SYS_ppoll, sys_pointer(event), (long)count,
			       milliseconds < 0 ? 0 : sys_pointer(&pause), 0, 8);
}
