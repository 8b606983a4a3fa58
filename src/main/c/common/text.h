/* Words and numbers. */
#ifndef BERTH_TEXT_H
#define BERTH_TEXT_H

#include <stddef.h>

/* Room for any 64 bit number in decimal with its sign. */
#define TEXT_DECIMAL 24

/* The rest of TEXT after PREFIX, or NULL when it does not begin so. */
const char *text_after(const char *text, const char *prefix);

/* Reads a decimal number up to MAX that is all of TEXT; 0, or -1. */
int text_number(const char *text, unsigned long long max, unsigned long long *value);

/* Writes VALUE in decimal; returns BUFFER. */
char *text_decimal(char buffer[TEXT_DECIMAL], long long value);

/* What errno ERROR means, in words; for unknown ones a static "error N". */
const char *text_error(int error);

#endif
