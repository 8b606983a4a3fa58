/* Whole files. */
#ifndef BERTH_SPANK_FILE_H
#define BERTH_SPANK_FILE_H

#include <stddef.h>

/* All of FILE, ended by NUL, to be freed; NULL on failure. */
char *file_read(const char *file, size_t *size);

#endif
