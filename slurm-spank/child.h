/* Runs berth and gathers what it says. */
#ifndef BERTH_SPANK_CHILD_H
#define BERTH_SPANK_CHILD_H

#include <pwd.h>
#include <stddef.h>

struct child_output {
	char text[32768]; /* the first of it, ended by NUL */
	size_t size;
};

/* Begins a line on standard error that is for now, and no part of how it ends. */
#define CHILD_STILL "berth: still "

/*
 * Runs ARGV[0] with ENV; standard input is empty. OUT and ERR may be the same. Returns its exit status, 128+n when
 * signal n ended it, or -1 when it could not be started (then ERR says why).
 */
int child_run(char *const *argv, char *const *env, struct child_output *out, struct child_output *err);

/* The same; HEARD is given such lines while it runs, and ERR has none of them. */
int child_run_heard(char *const *argv, char *const *env, struct child_output *out, struct child_output *err,
		    void (*heard)(const char *line));

/* As child_run, as USER, in the root folder: from root, for good, all ids at once. */
int child_run_as(const struct passwd *user, char *const *argv, char *const *env, struct child_output *out,
		 struct child_output *err);

#endif
