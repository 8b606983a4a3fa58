/* What kind of program a file is. */
#ifndef BERTH_FAKE_PROGRAM_H
#define BERTH_FAKE_PROGRAM_H

#include <stddef.h>
#include <sys/stat.h>

enum program_kind {
	PROGRAM_SCRIPT,
	PROGRAM_DYNAMIC, /* for a glibc of this machine */
	PROGRAM_LOADER,	 /* a dynamic linker itself */
	PROGRAM_STATIC,
	PROGRAM_FOREIGN, /* musl's, 32 bits, another processor */
};

/* Linux reads no more of a script's first line. */
#define PROGRAM_LINE 256
#define PROGRAM_INTERPRETER 1024

struct program {
	enum program_kind kind;
	struct stat file;
	char interpreter[PROGRAM_INTERPRETER]; /* of a dynamic one; of a script its first line */
};

/* Looks at the host's FILE; 0, or the errno that an exec of it has. */
int program_look(struct program *program, const char *file);

/*
 * Takes the first line in LINE apart: its interpreter, and its argument or NULL; 0, or ENOEXEC.
 */
int program_script(char *line, const char **interpreter, const char **argument);

/* DT_RPATH, else DT_RUNPATH, of the open file FD, in PATH; -1 when it has none, or too long a one. */
int program_library_path(int fd, char *path, size_t room);

#endif
