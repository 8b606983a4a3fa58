/* The process or thread whose stop PRoot looks at: newer.c asks it what it did. */
#ifndef BERTH_PROOT_NEWER_H
#define BERTH_PROOT_NEWER_H

#include <sys/types.h>

extern pid_t newer_stopped;

#endif
