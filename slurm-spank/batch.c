#include "batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <slurm/spank.h>

#include "common/rank.h"
#include "fault.h"
#include "script.h"
#include "words.h"

/* The launcher is in front of the script that this sbatch has read. */
static int is_guarded;

static int is_salloc(void)
{
	return strstr(program_invocation_short_name, "salloc") != NULL;
}

/* Whether it can be seen before the script is read that it is to run in the container. */
static int is_asked(const struct site *site, const struct words *command, const char *option)
{
	if (site->batch || getenv("BERTH_CONTAINER_BATCH") || getenv("PYXIS_CONTAINER_BATCH"))
		return 1;
	for (size_t i = 1; i < command->count; i++)
		if (!strncmp(command->word[i], "--", 2) && !strcmp(command->word[i] + 2, option))
			return 1;
	return 0;
}

void batch_begin(const struct site *site, const char *option)
{
	struct words command = { 0 };

	if (!is_salloc() && !script_command(&command) && is_asked(site, &command, option))
		script_input_keep(&command);
	words_free(&command);
}

/* Whether COMMAND is the sbatch that was started to send COPY. */
static int is_sending(const struct words *command, const char *copy)
{
	return copy && (size_t)optind < command->count && !strcmp(command->word[optind], copy);
}

/* Returns only on failure. */
static int sbatch_again(const struct site *site, const struct words *command)
{
	char launcher[PATH_MAX], copy[PATH_MAX];
	struct words guarded = { 0 };

	if (site_path(site, RANK_LAUNCHER + 1, launcher) ||
	    script_guard(command, (size_t)optind, launcher, copy, &guarded))
		return -1;
	setenv(RANK_SCRIPT, copy, 1);
	execv("/proc/self/exe", guarded.word);
	fault_keep("starting sbatch once more, to send the script with a guard: %s", strerror(errno));
	unsetenv(RANK_SCRIPT);
	script_forget(copy);
	words_free(&guarded);
	return -1;
}

int batch_send(const struct site *site)
{
	struct words command = { 0 };
	int result;

	if (is_guarded || is_salloc())
		return 0;
	if (script_command(&command))
		return -1;
	is_guarded = is_sending(&command, getenv(RANK_SCRIPT));
	result = is_guarded ? 0 : sbatch_again(site, &command);
	words_free(&command);
	return result;
}

void batch_forget(void)
{
	const char *copy = getenv(RANK_SCRIPT);

	if (copy && spank_context() == S_CTX_ALLOCATOR)
		script_forget(copy);
	unsetenv(RANK_SCRIPT);
}
