/* `--container-mounts`. */
#ifndef BERTH_SPANK_MOUNTS_H
#define BERTH_SPANK_MOUNTS_H

#include "words.h"

/*
 * Adds the words of `berth node prepare` for `SRC[:DST[:FLAGS]],...`; 0, or -1 with a fault about
 * OPTION. A relative SRC stays so: only the node knows the step's folder.
 */
int mounts_words(struct words *words, const char *option, const char *text);

#endif
