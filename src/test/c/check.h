/* The harness: sentences that hold or do not, and one last line. */
#ifndef BERTH_CHECK_HARNESS_H
#define BERTH_CHECK_HARNESS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_passed;
static int check_failed;

static inline void check(int holds, const char *sentence)
{
	if (holds)
		check_passed++;
	else
		check_failed++;
	printf("%s %s\n", holds ? "ok  " : "FAIL", sentence);
}

/* The same for two texts, which a failure shows. */
static inline void check_text(const char *found, const char *wanted, const char *sentence)
{
	int holds = found && wanted ? !strcmp(found, wanted) : found == wanted;

	check(holds, sentence);
	if (!holds)
		printf("     wanted: %s\n     found:  %s\n", wanted ? wanted : "(none)",
		       found ? found : "(none)");
}

static inline int check_done(void)
{
	printf("%d passed, %d failed\n", check_passed, check_failed);
	return check_failed != 0;
}

#endif
