/* Putting the container's tree together in a mount namespace of our own. */
#ifndef BERTH_MOUNT_H
#define BERTH_MOUNT_H

#include "plan.h"

/* Whether what the node mounts later is to be seen inside somewhere. */
int mount_follows(const struct plan *plan);

/* Mounts all that PLAN says and makes its root the root; 0, or -1 with a message. */
int mount_tree(const struct plan *plan);

/* The same, at the folder PLACE instead of as the root. */
int mount_tree_at(const struct plan *plan, const char *place);

#endif
