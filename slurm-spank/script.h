/*
 * A batch script that nothing but the launcher starts: sbatch sends a copy whose first line names berth-rank in front
 * of the interpreter. A node without the plugin starts that, which refuses; a node with it puts the launcher there
 * itself, which finds the interpreter in the script (common/guarded.h).
 */
#ifndef BERTH_SPANK_SCRIPT_H
#define BERTH_SPANK_SCRIPT_H

#include <limits.h>

#include "words.h"

/* What this process was started with; 0, or -1 with a fault. To be freed. */
int script_command(struct words *command);

/* Where COMMAND is sure to read its script from a pipe, that becomes a file, which can be read twice. */
void script_input_keep(const struct words *command);

/*
 * sbatch's COMMAND, whose script is the word AT (or that has none: --wrap, standard input), with a copy of the script
 * that begins with LAUNCHER; its path in COPY. 0, or -1 with a fault and no copy. To be freed.
 */
int script_guard(const struct words *command, size_t at, const char *launcher, char copy[PATH_MAX], struct words *guarded);

/* Removes the copy and its folder. */
void script_forget(const char *copy);

#endif
