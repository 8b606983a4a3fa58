/* The command line and environment of the Java side. */
#ifndef BERTH_JVM_H
#define BERTH_JVM_H

#define JVM_ROOT_ROOM 4096

/* Finds the distribution's root above bin/; 0, or -1 with a message. */
int jvm_root(char root[JVM_ROOT_ROOM]);

/*
 * The command line for ARGS, or NULL with a message (no Java there, words that are no text, or out
 * of memory). MUCH asks for the better compiler.
 */
char **jvm_words(const char *root, char *const *args, int bulk);

/*
 * The environment: the caller's ENV, and what the front knows; ANSWER is the descriptor for the
 * plan; MUCH as for jvm_words; HIDDEN more settings or NULL. NULL when out of memory.
 */
char **jvm_env(const char *root, const char *name, int answer, int much, char *const *env,
	       char *const *hidden);

/* The command among ARGS: the first word that begins with a letter; empty when there is none. */
const char *jvm_command(char *const *args);

/* 1 when the command among ARGS has the classes of archives, registries or stages. */
int jvm_is_bulk(char *const *args);

/* 1 when the command among ARGS surely moves much data, so that the better compiler pays. */
int jvm_does_much(char *const *args);

/* 1 when the exit status of the command among ARGS is that of the user's program. */
int jvm_runs_program(char *const *args);

#endif
