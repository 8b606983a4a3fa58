/* The list of a step's ranks on this node, by which they find one another's namespaces. */
#ifndef BERTH_SHARE_H
#define BERTH_SHARE_H

#include <sys/types.h>

struct share {
	int lock;    /* holds the flock; -1 when there is nothing to share */
	int members; /* the list */
	const char *folder;
	unsigned long long start; /* our own, noted while the node's /proc is in reach */
};

/* A process and when it started (field 22 of /proc/PID/stat): a pid alone may be used again. */
struct share_member {
	unsigned long long pid;
	unsigned long long start;
};

/*
 * Opens and locks the list of the step that variable NAME of ENV names in FOLDER; 0, or -1 with a
 * message.
 */
int share_open(struct share *share, const char *folder, const char *name, char *const *env);

/* The same for a step that is known. */
int share_open_value(struct share *share, const char *folder, const char *value);

/*
 * Joins the namespaces of a living member and adds us: 1, or 0 when none lives, or -1 with a
 * message.
 */
int share_join(struct share *share);

/* Makes us the only member; 0, or -1 with a message. */
int share_begin(struct share *share);

/* Lets the next rank look. */
void share_close(struct share *share);

/* Reads one "PID STARTTIME" line of [TEXT, END) and steps over it; 0, or -1 for a broken one. */
int share_member_read(const char **text, const char *end, struct share_member *member);

/* Joins the user and mount namespace of MEMBER, and its others where they are its own; 0, or -1 with errno when it is not there any more. */
int share_member_join(const struct share_member *member);

/* When process PID started, 0 when there is none. */
unsigned long long share_start_time(unsigned long long pid);

#endif
