#include "handon.h"

#include <time.h>

long long handon_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000 + 1;
}

void handon_seen(struct handon *handon, int signal, long long now)
{
	if (signal < 1 || signal >= HANDON_SIGNALS)
		return;
	if (handon->due[signal])
		handon->due[signal] = 0;
	else
		handon->seen[signal] = now;
}

void handon_asked(struct handon *handon, int signal, long long now)
{
	if (signal < 1 || signal >= HANDON_SIGNALS)
		return;
	if (handon->seen[signal] && now - handon->seen[signal] <= HANDON_GRACE_MS)
		handon->seen[signal] = 0;
	else if (!handon->due[signal])
		handon->due[signal] = now + HANDON_GRACE_MS;
}

int handon_next(struct handon *handon, long long now)
{
	for (int signal = 1; signal < HANDON_SIGNALS; signal++) {
		if (handon->due[signal] && handon->due[signal] <= now) {
			handon->due[signal] = 0;
			return signal;
		}
	}
	return 0;
}

int handon_wait(const struct handon *handon, long long now)
{
	long long first = 0;

	for (int signal = 1; signal < HANDON_SIGNALS; signal++)
		if (handon->due[signal] && (!first || handon->due[signal] < first))
			first = handon->due[signal];
	if (!first)
		return -1;
	return first <= now ? 0 : (int)(first - now);
}
