/*
 * The options of the plugin: what the user gave on the command line or in the environment, checked, and turned
 * into words for `berth node prepare`. Nothing here knows Slurm.
 */
#ifndef BERTH_SPANK_OPTIONS_H
#define BERTH_SPANK_OPTIONS_H

#include "image.h"
#include "words.h"

enum option_id {
	OPTION_IMAGE,
	OPTION_MOUNTS,
	OPTION_WORKDIR,
	OPTION_ENV,
	OPTION_MODE,
	OPTION_HOME,
	OPTION_NO_HOME,
	OPTION_ROOT,
	OPTION_NO_ROOT,
	OPTION_ENTRYPOINT,
	OPTION_NO_ENTRYPOINT,
	OPTION_READONLY,
	OPTION_WRITABLE,
	OPTION_NAME,
	OPTION_EXPLAIN,
	OPTION_SAVE,
	OPTION_UNSHARE,
	OPTION_ENTRYPOINT_LOG,
	OPTION_BATCH,
	OPTION_NO_BATCH,
	OPTION_COUNT
};

/* One option. NAME is said without the prefix that a site may choose: "no-" goes before it. */
struct option_form {
	const char *name;
	const char *value; /* what stands for its value in the help; NULL for a flag */
	const char *help;
	int negative;
};

extern const struct option_form option_forms[OPTION_COUNT];

struct options {
	const char *prefix; /* "container" */
	int later;	    /* the step's folder is not known yet: sbatch, salloc */
	int global_names;   /* what has a name outlives the job */
	char *value[OPTION_COUNT]; /* NULL: not given; "" for a flag */
	char from[OPTION_COUNT][64]; /* the option or variable, for faults */
};

/* The name without dashes: "container-image", "no-container-mount-home". */
void option_name(char *out, size_t room, const char *prefix, enum option_id id);

/* Given on the command line: the last one counts. 0, or -1 when memory ran out. */
int options_give(struct options *options, enum option_id id, const char *value);

/*
 * Fills what the command line left open from BERTH_CONTAINER_* and PYXIS_CONTAINER_*; VALUE_OF is getenv(3) or the like.
 * 0, or -1 with a fault.
 */
int options_environment(struct options *options, char *(*value_of)(const char *name));

/* Whether the step runs in a container at all. */
int options_active(const struct options *options);

/* Checks all and adds the words, without the image. 0, or -1 with a fault. */
int options_words(const struct options *options, struct words *words, struct image *image);

void options_free(struct options *options);

/* What berth said, in OUT, with the names that its own options have here. */
void options_translate(const char *prefix, const char *text, char *out, size_t room);

#endif
