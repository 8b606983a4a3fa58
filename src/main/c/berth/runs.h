/* The notes of a container's runs (docs/formats/run-record.md), as Java begins them. */
#ifndef BERTH_RUNS_H
#define BERTH_RUNS_H

#include <stddef.h>

#define RUNS_NAME 400

/* Writes the name of the note of a run that this process starts; 0, or -1 when it has none. */
int runs_name(char name[RUNS_NAME]);

/*
 * Begins the note NAME in FOLDER: TEXT, which Java wrote, and who starts it. Notes of some runs that
 * have ended are removed on the way. 0, or -1.
 */
int runs_begin(const char *folder, const char *name, const char *text);

#endif
