/* The user and mount namespace that a program runs in: made here, or joined. */
#ifndef BERTH_NS_H
#define BERTH_NS_H

#include "plan.h"

/*
 * Puts this process into the namespace that PLAN describes, in its folder; ENV is the caller's. 0,
 * or -1 with a message.
 */
int ns_enter(const struct plan *plan, char *const *env);

/* Makes a user and a mount namespace in which the caller is UID and GID; 0, or -1 with a message. */
int ns_unshare(const struct plan *plan, const char *uid, const char *gid);

/* Makes a namespace with subordinate ids, by the words of `subids`; 0, or -1 with a message. */
int ns_try_ids(char *const *word);

/* Keeps the message that WHAT failed with errno ERROR, and what helps where namespaces are off; -1. */
int ns_fail(const char *what, int error);

/* Registers an emulator, by the words of `emulator`, in a namespace of no other use; 0, or -1 with a message. */
int ns_try_emulator(char *const *word);

#endif
