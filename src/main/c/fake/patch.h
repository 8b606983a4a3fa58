/* F4: gives a program of the tree the tree's loader and libraries, when it is executed. */
#ifndef BERTH_FAKE_PATCH_H
#define BERTH_FAKE_PATCH_H

#include "fake.h"

/*
 * Patches the host's FILE unless another process has done so; 0 when it is patched now, -1 when it
 * cannot be. Nobody sees it half done.
 */
int fake_patch(const struct fake *fake, const char *file);

#endif
