/* A node tells the srun that waits for it why nothing ran there, so that one message names all such nodes. */
#ifndef BERTH_TELL_H
#define BERTH_TELL_H

#include <stddef.h>

/*
 * Sends TEXT to the srun at ADDRESS (IPv4, dotted), which listens as WHERE says: "PORT TOKEN". 0 when it was heard, -1 when not
 * within seconds: then the node has to speak for itself.
 */
int tell(const char *address, const char *where, const char *node, const char *text);

/*
 * The same for what is to be answered, within SECONDS, in fewer than ROOM bytes. 0, or -1 without an answer.
 */
int tell_ask(const char *address, const char *where, const char *node, const char *text, long seconds, char *answer,
	     size_t room);

#endif
