/* What is the same each time: the help, and the completion scripts. The build has written them into the distribution. */
#ifndef BERTH_HELP_H
#define BERTH_HELP_H

/*
 * Prints what ARGS ask for, as called by NAME. Returns the exit status, or -1 when they ask for
 * something else, or for what the distribution at ROOT does not have: then Java has to answer.
 */
int help_print(const char *root, const char *name, char *const *args);

#endif
