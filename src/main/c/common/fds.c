#include "fds.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "run.h"
#include "sys.h"
#include "text.h"

/* How far to go when not even /proc can be read. */
#define BLIND_LAST 65535

void fds_close_listed(unsigned first, unsigned last)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!folder) {
		for (unsigned fd = first; fd <= last && fd <= BLIND_LAST; fd++)
			close((int)fd);
		return;
	}
	while ((entry = readdir(folder))) {
		unsigned long long fd;

		if (!text_number(entry->d_name, INT_MAX, &fd) && fd >= first && fd <= last &&
		    (int)fd != dirfd(folder))
			close((int)fd);
	}
	closedir(folder);
}

void fds_close_range(unsigned first, unsigned last)
{
	if (first <= last && sys_call(SYS_close_range, first, last, 0, 0, 0) < 0)
		fds_close_listed(first, last);
}

static int compare(const void *one, const void *other)
{
	unsigned a = *(const unsigned *)one, b = *(const unsigned *)other;

	return (a > b) - (a < b);
}

/* The kept numbers in KEPT, sorted; -1 when all are kept. */
static int kept_list(const struct plan *plan, char *const *env, int ours, unsigned *kept)
{
	const struct plan_line *line = NULL;
	unsigned long long number;
	int count = 0;

	while ((line = plan_next(plan, PLAN_KEEP_FD, line))) {
		if (!strcmp(line->word[0], "all"))
			return -1;
		text_number(line->word[0], INT_MAX, &number);
		kept[count++] = (unsigned)number;
	}
	while ((line = plan_next(plan, PLAN_KEEP_FD_ENV, line))) {
		const char *value = run_variable(env, line->word[0]);

		if (value && !text_number(value, INT_MAX, &number))
			kept[count++] = (unsigned)number;
	}
	if (ours >= 0)
		kept[count++] = (unsigned)ours;
	qsort(kept, (size_t)count, sizeof *kept, compare);
	return count;
}

int fds_close(const struct plan *plan, char *const *env, int ours)
{
	unsigned *kept = calloc(plan->count + 2, sizeof *kept);
	unsigned next = 3;
	int count;

	if (!kept)
		return message_keep("closing descriptors: out of memory", NULL);
	count = kept_list(plan, env, ours, kept);
	for (int i = 0; i < count; i++) {
		if (kept[i] > next)
			fds_close_range(next, kept[i] - 1);
		if (kept[i] >= next)
			next = kept[i] + 1;
	}
	if (count >= 0)
		fds_close_range(next, UINT_MAX);
	free(kept);
	return 0;
}
