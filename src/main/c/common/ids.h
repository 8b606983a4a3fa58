/* Users and groups besides one's own: ranges of subordinate ids, by newuidmap and newgidmap. */
#ifndef BERTH_IDS_H
#define BERTH_IDS_H

#include "plan.h"

/* The words of `subids`. */
enum { IDS_UID, IDS_UIDS, IDS_GID, IDS_GIDS, IDS_NEWUIDMAP, IDS_NEWGIDMAP, IDS_WORDS };

/* What is wrong with the words of `subids`, or NULL. */
const char *ids_fault(char *const *word);

/*
 * Makes the namespaces FLAGS, of which one is for users: there 0 is the caller, and 1 and so on are the ids of WORD.
 * 0, or -1 with a message.
 */
int ids_unshare(int flags, char *const *word);

/* Becomes the user and group of `become`, with no other group, unless they are 0; 0, or -1 with a message. */
int ids_become(const struct plan *plan);

#endif
