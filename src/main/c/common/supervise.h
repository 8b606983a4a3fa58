/* Waiting for a program that has an init as its parent, and handing signals on to it. */
#ifndef BERTH_SUPERVISE_H
#define BERTH_SUPERVISE_H

/*
 * Becomes, in the child, something that ends in init_run with CONTROL; returns a status when it
 * cannot.
 */
typedef int (*supervise_start)(void *what, int control);

/*
 * Runs START in a child and waits for it. NAME is for messages. BECOMES: START ends in execve,
 * which spawn() needs. Returns the status to exit with: the program's own, 128+n, or 125 (the
 * message is printed).
 */
int supervise_run(supervise_start start, void *what, int becomes, const char *name);

#endif
