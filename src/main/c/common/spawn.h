/* A child that shares our memory until it has become another program. */
#ifndef BERTH_SPAWN_H
#define BERTH_SPAWN_H

#include <sys/types.h>

/*
 * Runs BEGIN(WHAT) in a child; returns its pid once it has called execve or ended, -1 with errno
 * when there is none. As vfork(2), on a stack of its own: a fork that copies memory costs a
 * millisecond on some virtual machines.
 */
pid_t spawn(int (*begin)(void *), void *what);

#endif
