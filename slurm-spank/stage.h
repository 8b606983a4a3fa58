/* A step's place on the node (docs/formats/stage.md), and having it prepared. */
#ifndef BERTH_SPANK_STAGE_H
#define BERTH_SPANK_STAGE_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include "site.h"

struct stage {
	const struct site *site;
	const char *line;   /* the words for `berth node prepare` */
	const char *folder; /* the step's working folder */
	char *const *env;   /* of the task */
	int is_first;	    /* the step's first node, which saves */
	unsigned nodes;	    /* of the step */
	int agrees;	    /* its nodes want one mode, and begin when all can */
	char named[16];	    /* the mode that is named; empty where they are to find one */
	char step[40];	    /* the name of its place: the same for all steps of a job that want the same */
	char place[PATH_MAX];
};

/* The value of NAME in ENV, or NULL. */
const char *env_value(char *const *env, const char *name);

/* Where the node keeps what it stages: the user's own setting, or the site's. */
const char *stage_node_dir(const struct site *site, char *const *env);

/* Whether the user's folder on the node is his, and nobody else can write there. */
int stage_is_own(const struct site *site, char *const *env, uid_t uid);

/* The job's folder on the node, there or not, in PATH; 0, or -1 with a fault. */
int stage_job(char path[PATH_MAX], const struct site *site, char *const *env, uid_t uid);

/* FNV-1a, of TEXT and its end: only tells one wish from another, for one user. */
uint64_t stage_hash(uint64_t hash, const char *text);
#define STAGE_HASH_BEGIN 0xcbf29ce484222325ULL

/* Adds the user's settings of berth. */
uint64_t stage_hash_settings(uint64_t hash, char *const *env);

/* Finds the place; 0, or -1 with a fault. */
int stage_find(struct stage *stage, uid_t uid);

/* Turns to another step's place, whose name is STEP. */
void stage_turn(struct stage *stage, const char *step);

/*
 * Of a stage that is ready: settles with the other nodes on one mode, within SECONDS, and prepares that if need be; with a
 * mode that is named, waits for them to be ready too. 0, or -1; SAY and FAIL as below.
 */
int stage_agree(struct stage *stage, unsigned seconds, void (*say)(const char *line),
		void (*fail)(const struct stage *stage, const char *text));

/*
 * What the user of TASKS ranks, HERE of them on the fullest node, should know, a line, in TEXT: that they would not find
 * each other, or are too many; 0, or -1 when nothing is against it.
 */
int stage_warning(const struct stage *stage, unsigned tasks, unsigned here, char *text, size_t room);

/* Whether the plan is there. */
int stage_is_ready(const struct stage *stage);

/*
 * Runs `berth node prepare`, for the mode AGREED unless that is NULL; 0, or -1. The explanation that was asked for is handed to SAY line by line, what went wrong to
 * FAIL in one.
 */
int stage_prepare(const struct stage *stage, const char *agreed, void (*say)(const char *line),
		  void (*fail)(const struct stage *stage, const char *text));

/* Hands each line of TEXT to SAY. */
void lines_say(const char *text, void (*say)(const char *line));

#endif
