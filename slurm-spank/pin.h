/* What a tag means now, so that all nodes run the same. */
#ifndef BERTH_SPANK_PIN_H
#define BERTH_SPANK_PIN_H

#include "image.h"
#include "site.h"

/* Whether the name has to be looked up. */
int pin_is_needed(const struct image *image);

/*
 * Asks berth what the name means, and puts the digest in its place; what sbatch or salloc found out for the job holds, and in a
 * job, where its first step has left a place on this node, what was found PIN_SECONDS ago. 0, or -1 when SAY has been told
 * why not.
 */
int pin_image(const struct site *site, char *const *env, struct image *image, void (*say)(const char *line));

/* How long an answer is good for the job's next steps: a script that starts one after another asks once. */
#define PIN_SECONDS 10

#endif
