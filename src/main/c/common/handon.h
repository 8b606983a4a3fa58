/*
 * Which signals the program is still owed. The supervisor asks for each signal that it was sent;
 * the init saw the same signal itself when the whole group or step was sent it, and then the
 * program already has it.
 */
#ifndef BERTH_HANDON_H
#define BERTH_HANDON_H

/* How far apart the two copies of one group-wide signal may arrive. */
#define HANDON_GRACE_MS 50
#define HANDON_SIGNALS 65

/* Times in milliseconds, never 0; 0 means "not". */
struct handon {
	long long seen[HANDON_SIGNALS];
	long long due[HANDON_SIGNALS];
};

/* The init itself was sent SIGNAL. */
void handon_seen(struct handon *handon, int signal, long long now);

/* The supervisor was sent SIGNAL and asks to hand it on. */
void handon_asked(struct handon *handon, int signal, long long now);

/* A signal to send to the program now, or 0. */
int handon_next(struct handon *handon, long long now);

/* The time that all of these are asked with. */
long long handon_now(void);

/* Milliseconds until handon_next has one, or -1 for none. */
int handon_wait(const struct handon *handon, long long now);

#endif
