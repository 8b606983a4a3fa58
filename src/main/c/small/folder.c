#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "small.h"

/* struct dirent is getdents64's own on 64 bit machines. */
struct __dirstream {
	int fd;
	long length;
	long at;
	char entries[32 * 1024] __attribute__((aligned(8)));
};

DIR *fdopendir(int fd)
{
	DIR *folder = malloc(sizeof *folder);

	if (folder) {
		folder->fd = fd;
		folder->length = folder->at = 0;
	}
	return folder;
}

DIR *opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? NULL : fdopendir(fd);
}

struct dirent *readdir(DIR *folder)
{
	struct dirent *entry;

	if (folder->at >= folder->length) {
		folder->length = small_call(SYS_getdents64, folder->fd,
					    sys_pointer(folder->entries), sizeof folder->entries,
					    0, 0);
		folder->at = 0;
		if (folder->length <= 0)
			return NULL;
	}
	entry = (struct dirent *)(void *)(folder->entries + folder->at);
	folder->at += entry->d_reclen;
	return entry;
}

int dirfd(DIR *folder)
{
	return folder->fd;
}

int closedir(DIR *folder)
{
	return close(folder->fd);
}

char *getcwd(char *buffer, size_t size)
{
	return small_call(SYS_getcwd, sys_pointer(buffer), (long)size, 0, 0, 0) < 0 ? NULL : buffer;
}
