/* Finding the program and becoming it. */
#ifndef BERTH_RUN_H
#define BERTH_RUN_H

#define RUN_FAILED 125
#define RUN_NOT_EXECUTABLE 126
#define RUN_NOT_FOUND 127

/* The value of NAME in ENV, or NULL. */
const char *run_variable(char *const *env, const char *name);

/*
 * Becomes WORDS[0], looked up in the PATH of ENV; on failure keeps a message and returns 126 or
 * 127.
 */
int run_program(char *const *words, char *const *env);

#endif
