/* What is done as the user when a step or a job has ended. */
#ifndef BERTH_SPANK_RELEASE_H
#define BERTH_SPANK_RELEASE_H

#include <stdint.h>
#include <sys/types.h>

#include "site.h"

struct saving {
	uid_t uid;
	const char *node_dir, *job, *restart, *step;
};

/* As the user, runs `berth node save`; 0, or -1 when SAY was told why not. */
int save_step(const struct site *site, const struct saving *saving, void (*say)(const char *line));

/* As the user UID, runs `berth node release` if the node has anything of JOB. */
void release_job(const struct site *site, uint32_t job, uid_t uid);

#endif
