#include "guard.h"

#include <stdlib.h>
#include <string.h>

#include "common/rank.h"
#include "stage.h"

static int is_guard(const char *value)
{
	return value && !strcmp(value, RANK_GUARD_TEXT);
}

int guard_set(void)
{
	const char *profile = getenv(RANK_GUARD);

	if (is_guard(profile))
		return 0;
	return (profile && setenv(RANK_PROFILE, profile, 1)) || setenv(RANK_GUARD, RANK_GUARD_TEXT, 1) ? -1 : 0;
}

int guard_take(void)
{
	const char *profile = getenv(RANK_PROFILE);
	int found = is_guard(getenv(RANK_GUARD));

	if (found)
		unsetenv(RANK_GUARD);
	if (found && profile)
		setenv(RANK_GUARD, profile, 1);
	unsetenv(RANK_PROFILE);
	return found;
}

void guard_lift(spank_t spank, char *const *env)
{
	const char *profile = env_value(env, RANK_PROFILE);
	char *before = profile ? strdup(profile) : NULL;

	if (is_guard(env_value(env, RANK_GUARD))) {
		spank_unsetenv(spank, RANK_GUARD);
		if (before)
			spank_setenv(spank, RANK_GUARD, before, 1);
	}
	spank_unsetenv(spank, RANK_PROFILE);
	free(before);
}
