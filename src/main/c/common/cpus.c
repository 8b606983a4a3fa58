#include "cpus.h"

#include <errno.h>
#include <string.h>

#include "message.h"
#include "sys.h"
#include "text.h"

#define WORD_BITS (8 * sizeof(unsigned long))

/* The number at *AT, which is stepped over; -1 when there is none below CPUS_MAX. */
static int number_read(const char **at)
{
	char digits[5];
	size_t length = strspn(*at, "0123456789");
	unsigned long long number;

	if (!length || length >= sizeof digits)
		return -1;
	memcpy(digits, *at, length);
	digits[length] = 0;
	*at += length;
	return text_number(digits, CPUS_MAX - 1, &number) ? -1 : (int)number;
}

int cpus_read(const char *text, unsigned long *mask)
{
	for (;; text++) {
		int first = number_read(&text), last = first;

		if (first >= 0 && *text == '-') {
			text++;
			last = number_read(&text);
		}
		if (first < 0 || last < first || (*text && *text != ','))
			return 0;
		for (int cpu = first; mask && cpu <= last; cpu++)
			mask[(size_t)cpu / WORD_BITS] |= 1UL << (size_t)cpu % WORD_BITS;
		if (!*text)
			return 1;
	}
}

int cpus_limit(const struct plan *plan)
{
	unsigned long mask[CPUS_MAX / WORD_BITS] = { 0 };
	char **list = plan_words(plan, PLAN_CPUS);
	long result;

	if (!list)
		return 0;
	cpus_read(list[0], mask);
	result = sys_call(SYS_sched_setaffinity, 0, sizeof mask, sys_pointer(mask), 0, 0);
	if (result >= 0)
		return 0;
	message_keep("keeping the program to the processors ", list[0], ": ",
		     text_error((int)-result), NULL);
	if (result == -EINVAL)
		message_hint("none of them is among those that this process may use", NULL);
	return -1;
}
