/*
 * fstat is a function only since glibc 2.33; before, a macro over one that libfakechroot has to
 * serve itself. The kernel's structure is libc's on these architectures. Linked with --wrap.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN int __wrap_fstat(int fd, struct stat *entry);
HIDDEN int __wrap_fstat64(int fd, struct stat64 *entry);

int __wrap_fstat(int fd, struct stat *entry)
{
	return (int)syscall(SYS_fstat, fd, entry);
}

int __wrap_fstat64(int fd, struct stat64 *entry)
{
	return (int)syscall(SYS_fstat, fd, entry);
}
