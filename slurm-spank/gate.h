/*
 * Of the tasks of one step on one node, one does the work and the others wait for what came of it. The gate is memory
 * that slurmstepd makes before it forks them: it needs no name, and dies with the step.
 */
#ifndef BERTH_SPANK_GATE_H
#define BERTH_SPANK_GATE_H

struct gate;

enum gate_state {
	GATE_OPEN,   /* the work is done */
	GATE_FAILED, /* it failed, which has been said */
	GATE_LATE    /* no answer in time */
};

/* NULL when there is no memory for it. */
struct gate *gate_make(void);

/*
 * The first task runs WORK, which returns 0 when it could be done, and gets what it gave; the others wait up to SECONDS for
 * that. When the first is killed the next one does the work.
 */
enum gate_state gate_pass(struct gate *gate, unsigned seconds, int (*work)(void *), void *with);

/* A word of a task for slurmstepd, at most GATE_NOTE - 1 bytes. */
#define GATE_NOTE 64
void gate_note(struct gate *gate, const char *word);
const char *gate_noted(const struct gate *gate);

void gate_free(struct gate *gate);

#endif
