/* The launch plan of docs/formats/launch-plan.md, read and understood in whole or not at all. */
#ifndef BERTH_PLAN_H
#define BERTH_PLAN_H

#include <stddef.h>

#define PLAN_MAX_BYTES (1024 * 1024)
#define PLAN_MAX_MOUNTS 4096
#define PLAN_MAX_WORDS 65536

/* In the order of the table in plan_directive.c. */
enum plan_directive {
	PLAN_UID,
	PLAN_BOOT,
	PLAN_NODE,
	PLAN_STAMP,
	PLAN_MODE,
	PLAN_KEEP_ENV,
	PLAN_DROP_ENV,
	PLAN_DEFAULT_ENV,
	PLAN_SET_ENV,
	PLAN_KEEP_FD,
	PLAN_KEEP_FD_ENV,
	PLAN_CPUS,
	PLAN_RECORD,
	PLAN_WORKDIR,
	PLAN_PREFIX,
	PLAN_COMMAND,
	PLAN_AFTER,
	PLAN_NAMESPACE,
	PLAN_IDENTITY,
	PLAN_SUBIDS,
	PLAN_BECOME,
	PLAN_SHARE,
	PLAN_JOIN,
	PLAN_JOIN_RANKS,
	PLAN_ROOT,
	PLAN_BIND,
	PLAN_TMPFS,
	PLAN_EMULATE,
	PLAN_EMULATOR,
	PLAN_RUNTIME,
	PLAN_ENGINE,
	PLAN_ENGINE_ENV,
	PLAN_ENGINE_INIT,
	PLAN_ENGINE_INSIDE,
	PLAN_FAKE,
	PLAN_DIRECTIVES
};

/* What a bind's FLAGS say. */
enum plan_bind {
	PLAN_BIND_RO = 1,
	PLAN_BIND_RW = 2,
	PLAN_BIND_REC = 4,
	PLAN_BIND_OPTIONAL = 8,
	PLAN_BIND_NOSUID = 16,
	PLAN_BIND_NODEV = 32,
	PLAN_BIND_NOEXEC = 64,
	PLAN_BIND_COVER = 128,
	PLAN_BIND_SLAVE = 256,
	PLAN_BIND_UNBINDABLE = 512,
};

struct plan_line {
	enum plan_directive directive;
	size_t count;
	char **word; /* decoded, without the directive, ended by NULL */
};

struct plan {
	const char *name; /* for messages */
	char *text;
	char **words;
	struct plan_line *lines;
	size_t count;
	size_t word_count;
	size_t mounts;
	struct plan_line *first[PLAN_DIRECTIVES];
};

/* Where a directive may stand, how often, with how many words, and what they must look like. */
struct plan_rule {
	const char *name;
	size_t fewest;
	size_t most;
	int single;
	enum plan_directive start; /* PLAN_NAMESPACE, PLAN_ENGINE or PLAN_FAKE for those of one way to start */
	const char *(*fault)(char *const *word); /* NULL, or what is wrong with the words */
};

extern const struct plan_rule plan_rules[PLAN_DIRECTIVES];

/* Takes TEXT (SIZE bytes and room for a NUL; the plan frees it) apart; 0, or -1 with a message. */
int plan_parse(struct plan *plan, const char *name, char *text, size_t size);

/* The next line with DIRECTIVE after LINE (from the first when NULL), or NULL. */
const struct plan_line *plan_next(const struct plan *plan, enum plan_directive directive,
				  const struct plan_line *line);

/* The words of a single directive, or NULL when the plan has none. */
char **plan_words(const struct plan *plan, enum plan_directive directive);

/* Understands the words of `namespace`, as flags of clone(2); 0, or -1. */
int plan_namespaces(const char *text, int *flags);

/* Understands a bind's FLAGS; 0, or -1. */
int plan_bind_flags(const char *text, unsigned *flags);

/* Decodes the word [AT, END) where it lies and ends it with a NUL; what is wrong, or NULL. */
const char *plan_word(char *at, const char *end);

/* Gives the memory back. */
void plan_free(struct plan *plan);

#endif
