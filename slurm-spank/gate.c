#include "gate.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

struct gate {
	pthread_mutex_t lock;
	volatile int done;
	volatile int failed;
	char note[GATE_NOTE];
};

struct gate *gate_make(void)
{
	pthread_mutexattr_t kind;
	struct gate *gate = mmap(NULL, sizeof *gate, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (gate == MAP_FAILED)
		return NULL;
	pthread_mutexattr_init(&kind);
	pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
	/* a task that is killed while it works must not leave the others waiting */
	pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&gate->lock, &kind);
	pthread_mutexattr_destroy(&kind);
	return gate;
}

enum gate_state gate_pass(struct gate *gate, unsigned seconds, int (*work)(void *), void *with)
{
	struct timespec end;
	int held;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += (time_t)seconds;
	held = pthread_mutex_timedlock(&gate->lock, &end);
	if (held == EOWNERDEAD)
		held = pthread_mutex_consistent(&gate->lock);
	if (held)
		return GATE_LATE;
	if (!gate->done) {
		gate->failed = work(with) != 0;
		gate->done = 1;
	}
	pthread_mutex_unlock(&gate->lock);
	return gate->failed ? GATE_FAILED : GATE_OPEN;
}

void gate_note(struct gate *gate, const char *word)
{
	snprintf(gate->note, sizeof gate->note, "%s", word);
}

const char *gate_noted(const struct gate *gate)
{
	return gate->note;
}

void gate_free(struct gate *gate)
{
	if (gate)
		munmap(gate, sizeof *gate);
}
