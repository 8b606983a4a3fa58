/* The one message of a failure: two lines at most, one write(2). */
#ifndef BERTH_MESSAGE_H
#define BERTH_MESSAGE_H

/* Keeps what was done, on what, and what came back, in pieces ended by NULL; always -1. */
int message_keep(const char *piece, ...) __attribute__((sentinel));

/* Keeps the one action that helps, in pieces ended by NULL. */
void message_hint(const char *piece, ...) __attribute__((sentinel));

/* What was kept last, without "berth: ". */
const char *message_kept(void);

/* What was kept last as a hint, "" when none. */
const char *message_hinted(void);

/* Forgets both. */
void message_forget(void);

/* Writes both to standard error; returns STATUS. */
int message_print(int status);

#endif
