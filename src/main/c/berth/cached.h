/* The plans that Java kept of earlier runs (docs/formats/plan-cache.md). */
#ifndef BERTH_CACHED_H
#define BERTH_CACHED_H

#include <limits.h>

#include "../common/plan.h"
#include "front.h"
#include "sha256.h"

struct cached {
	int folder; /* -1 when there is no cache for this command line */
	int lock;   /* held while Java makes the plan, else -1 */
	char key[SHA256_HEX];
	char path[PATH_MAX]; /* of the plan */
};

/* A plan that may be started. */
struct cached_plan {
	struct plan plan;
	const char *notice; /* printed before the start; "" for nothing */
	const char *banner; /* the same, at a terminal */
	const char *runs;   /* the folder for the note of this run, NULL for none */
	const char *note;
	char name[400]; /* of the note */
	int held;	/* a lock that others ask for to change what was seen, else -1 */
};

/* Looks for the cache of the user; it stays shut when anybody else could have written to it. */
void cached_open(struct cached *cached, const struct front *front, char *const *args,
		 const char *folder);

/* Reads the plan; 0, or -1 with the reason kept as a message. */
int cached_load(const struct cached *cached, struct cached_plan *found);

/*
 * The same; without a plan, waits a while for one that another process makes. -1 means that Java
 * has to be started.
 */
int cached_wait(struct cached *cached, struct cached_plan *found);

/* Lets those go on who want to change what was seen: a plan that was loaded is not begun. */
void cached_drop(struct cached_plan *found);

/* Says what is to be said and notes the run, and drops the plan's lock; 0, or -1 when Java has to be started. */
int cached_begin(struct cached_plan *found);

/* Java has ended: those who wait may go on. */
void cached_done(struct cached *cached);

/* Closes what is open. */
void cached_close(struct cached *cached);

#endif
