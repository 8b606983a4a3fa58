#ifndef BERTH_SMALL_H
#define BERTH_SMALL_H

#include <errno.h>

#include "../common/sys.h"

/* A system call with libc's way to fail. */
static inline long small_call(long number, long a, long b, long c, long d, long e)
{
	long result = sys_call(number, a, b, c, d, e);

	if (result < 0 && result > -4096) {
		errno = (int)-result;
		return -1;
	}
	return result;
}

#endif
