/* The same played Slurm, as it is since 23.02.5: it puts words in front of a task's command itself. */
#define NEWER_SLURM
#include "test_plugin.c"
