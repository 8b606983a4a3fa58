/*
 * A small tmpfs over a folder that cannot be written to, which shows the folder's own entries
 * again.
 */
#ifndef BERTH_COVER_H
#define BERTH_COVER_H

#include "tree.h"

/*
 * Covers folder DIR, leaving out the entry WITHOUT; the new folder (kept by the tree), or -1 with
 * a message.
 */
int cover_make(struct tree *tree, int dir, const char *without);

/* Makes all covers read-only; 0, or -1 with a message. */
int cover_finish(struct tree *tree);

#endif
