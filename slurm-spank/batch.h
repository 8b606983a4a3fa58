/* sbatch, whose script is to run in the container: it sends a copy that must not run where the plugin is not (script.h). */
#ifndef BERTH_SPANK_BATCH_H
#define BERTH_SPANK_BATCH_H

#include "site.h"

/* Before sbatch reads its script, which may have to be read twice. OPTION is the one that asks for it, without dashes. */
void batch_begin(const struct site *site, const char *option);

/* Starts sbatch once more, with the copy, unless this one was started so or is a salloc; 0, or -1 with a fault. */
int batch_send(const struct site *site);

/* Removes the copy, if one was sent. */
void batch_forget(void);

#endif
