/* Running the Java side as a child, and taking its answer. */
#ifndef BERTH_FRONT_H
#define BERTH_FRONT_H

#include <stddef.h>

struct front {
	const char *root;
	const char *name; /* argv[0] */
	char **env;	  /* the caller's */
	int much;	  /* the command turned out to move much data */
	char **hidden;	  /* settings that only Java gets; NULL for none */
};

struct front_answer {
	char *text; /* NULL when there is none; room for a NUL after SIZE bytes */
	size_t size;
};

/*
 * Runs Java with ARGS; QUIET gives it no input and drops its output. Mask and dispositions are the
 * caller's again afterwards. Returns Java's exit status, 128+n when a signal killed it, or 125
 * (the message is printed).
 */
int front_run(const struct front *front, char **args, int quiet, struct front_answer *answer);

#endif
