/* When a job has ended: what the node kept for it goes. */
#ifndef BERTH_SPANK_RELEASE_H
#define BERTH_SPANK_RELEASE_H

#include <stdint.h>
#include <sys/types.h>

#include "site.h"

/* As the user UID, runs `berth node release` if the node has anything of JOB. */
void release_job(const struct site *site, uint32_t job, uid_t uid);

#endif
