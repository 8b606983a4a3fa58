/*
 * Modes F1 to F4: no namespaces and no tracing, but libfakechroot translates the paths of calls, and
 * this decides what each exec becomes. Used by berth-exec for the first program (directive `fake` of
 * a plan) and by libberth-fake for all others (companion.c). docs/adr/20261126-f-modes.md has the
 * contract; these variables are all that both know:
 *
 *   FAKECHROOT_BASE          the tree: real host path, without a link or a last slash
 *   FAKECHROOT_EXCLUDE_PATH  colon list: paths that are the host's (at most 100)
 *   LD_PRELOAD               COMPANION:LIBFAKECHROOT, host paths, in this order; then, as the host
 *                            knows them, those of the image
 *   LOCPATH, GCONV_PATH      host paths of the tree's folders (optional)
 *   BERTH_FAKE_MODE          F1, F2, F3 or F4
 *   BERTH_FAKE_LOADER        the loader, as patched programs name it (F3, F4): the tree's (F1), a
 *                            neutralised copy (F2), the tree's neutralised one (F3, F4)
 *   BERTH_FAKE_ARGV0         1 when that loader knows --argv0 (glibc 2.33)
 *   BERTH_FAKE_LIBRARIES     colon list: the tree's library folders, host paths
 *   BERTH_FAKE_DRIVERS       colon list: folders of the host searched before those (optional)
 *   BERTH_FAKE_STATIC        [NAME=VALUE...] PROGRAM WORD...: what a static program is started with,
 *                            written as the words of a plan. The word {cwd} is the working directory
 *                            inside. Without it static programs are refused (EACCES)
 *   BERTH_FAKE_PATCHELF      patchelf; F4 needs it, the others never use it
 *   BERTH_FAKE_PROGRAM       ours alone: the program behind a loader
 *
 * Paths inside LD_LIBRARY_PATH, and those that a program adds to LD_PRELOAD, are the container's.
 */
#ifndef BERTH_FAKE_H
#define BERTH_FAKE_H

#include <stddef.h>

enum fake_setting {
	FAKE_BASE,
	FAKE_EXCLUDE,
	FAKE_PRELOAD,
	FAKE_LOCPATH,
	FAKE_GCONV_PATH,
	FAKE_MODE,
	FAKE_LOADER,
	FAKE_ARGV0,
	FAKE_LIBRARIES,
	FAKE_DRIVERS,
	FAKE_STATIC,
	FAKE_PATCHELF,
	FAKE_SETTINGS
};

/* Values that are not set are NULL. */
struct fake {
	const char *value[FAKE_SETTINGS];
	const char *program; /* host path of the running program when a loader started it, or NULL */
};

/* The names of the settings, each with its `=`. */
extern const char *const fake_names[FAKE_SETTINGS];

/* The settings in ENV; 0, or -1 when one that every mode needs is not there. */
int fake_read(struct fake *fake, char *const *env);

/* Whether our two libraries can be read: a loader only warns, and goes on without them. */
int fake_preloads(const struct fake *fake);

/* What is done with the exec that was made out: an errno, or what this wants returned. */
typedef int fake_become(void *what, const char *file, char **words, char **env);

/*
 * Makes out what exec of FILE, a path of the container, has to be, and does it by BECOME. Changes no
 * memory but the stack, so that a child of vfork may call it. Returns BECOME's answer, or an errno.
 */
int fake_exec(const struct fake *fake, const char *file, char *const *words, char *const *env,
	      fake_become *become, void *what);

#endif
