/* Steps whose tasks do not all run one command: Slurm shows a plugin at most one, so the others cannot be guarded. */
#ifndef BERTH_SPANK_SHAPE_H
#define BERTH_SPANK_SHAPE_H

#include <stddef.h>

/*
 * Whether srun's own words, each ended by NUL in TEXT, ask for a step over several components of a heterogeneous job: `:` between
 * them, or --het-group with more than one.
 */
int shape_is_heterogeneous(const char *text, size_t size);

/* The same for this process. */
int shape_of_self(void);

/* Whether the words are those of --multi-prog: srun puts the text of the file behind its name. */
int shape_is_multi_prog(int argc, char **argv);

#endif
