/* The one thing that is wrong with what the user wrote. */
#ifndef BERTH_SPANK_FAULT_H
#define BERTH_SPANK_FAULT_H

/* Keeps the sentence; always -1. */
int fault_keep(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What was kept last. */
const char *fault_text(void);

#endif
