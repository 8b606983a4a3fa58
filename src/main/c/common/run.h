/* Finding the program and becoming it. */
#ifndef BERTH_RUN_H
#define BERTH_RUN_H

#define RUN_FAILED 125
#define RUN_NOT_EXECUTABLE 126
#define RUN_NOT_FOUND 127

/* The value of NAME in ENV, or NULL. */
const char *run_variable(char *const *env, const char *name);

/* How a file becomes the program, and whether there is one: by their names inside. */
struct run_way {
	int (*become)(const char *file, char *const *words, char *const *env); /* an errno */
	int (*exists)(const char *file);
};

/* From now on by WAY instead of execve. */
void run_change(const struct run_way *way);

/*
 * Becomes WORDS[0], looked up in the PATH of ENV; on failure keeps a message and returns 126 or
 * 127.
 */
int run_program(char *const *words, char *const *env);

#endif
