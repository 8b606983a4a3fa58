/* R1 by an OCI runtime: the tree is put together here, and crun or runc makes it the program's root. */
#ifndef BERTH_RUNTIME_H
#define BERTH_RUNTIME_H

#include "plan.h"

/* What the init in the container is to do; all of it can be any bytes, which JSON cannot hold. */
struct runtime_start {
	const struct plan *plan;
	char **caller; /* the caller's environment */
	char **env;    /* the program's */
	char **command;
};

/* In a child whose supervisor has the other end of CONTROL: becomes the runtime, or prints a message and returns 125. */
int runtime_become(const struct runtime_start *start, int control);

/* The same for an engine that mounts itself and hands descriptors on: the plan has `engine-inside`. */
int runtime_engine(const struct runtime_start *start, int control);

/* `berth-exec --inside CONTROL START SELF IN OUT ERR`, in the container: the words after the first. */
int runtime_inside(char **words);

#endif
