#ifndef BERTH_ENTRY_H
#define BERTH_ENTRY_H

/* What `--probe TOKEN` exits with, as proof that it ran. */
#define ENTRY_PROBED 42

/* Runs `--init ...` or `--probe TOKEN`; the exit status, or -1 when ARGV asks for neither. */
int entry_special(char **argv, char **env);

#endif
