/* What Java saw of the node when it made a plan that is kept. */
#ifndef BERTH_SEEN_H
#define BERTH_SEEN_H

#include <stddef.h>

/*
 * 1 when WORD (COUNT of them, the first says how it was looked at) is as it was; else 0 with a
 * message kept.
 */
int seen_holds(char *const *word, size_t count);

#endif
