/*
 * A folder of a tree that may be written to, which shows files that the tree itself does not have:
 * they are mounted on, and nothing of them stays.
 */
#ifndef BERTH_LAYER_H
#define BERTH_LAYER_H

#include "plan.h"
#include "tree.h"

/*
 * Lays such files under the folders that lack one on which PLAN binds a file. Where the kernel or the file system
 * has no such layers, they are made in the tree later on.
 */
void layers_make(const struct plan *plan, struct tree *tree);

#endif
