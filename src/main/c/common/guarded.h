/* Batch scripts that begin with the launcher, as the SPANK plugin sends them (slurm-spank/script.h). */
#ifndef BERTH_GUARDED_H
#define BERTH_GUARDED_H

/* As the kernel reads it: one interpreter, and all that follows is one argument. */
struct guarded {
	char line[1024];
	char *interpreter, *argument; /* NULL when there is none */
};

/* Looks into SCRIPT; 0, or -1 when it is not of that kind. */
int guarded_read(struct guarded *guarded, const char *script);

#endif
