/* What tells one command line from another, for the cache of plans. */
#ifndef BERTH_KEY_H
#define BERTH_KEY_H

#include "front.h"
#include "sha256.h"

/*
 * 1 and the key of `run` with ARGS (`explain` has the same) in the working directory FOLDER; 0 when
 * no plan of it is to be kept, or used.
 */
int key_of(const struct front *front, char *const *args, const char *folder, char key[SHA256_HEX]);

#endif
