#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/message.h"
#include "../common/run.h"
#include "../common/sys.h"
#include "../common/text.h"
#include "fake.h"
#include "path.h"

static struct fake fake;

static int kernel_exec(void *what, const char *file, char **words, char **env)
{
	(void)what;
	return (int)-sys_call(SYS_execve, sys_pointer(file), sys_pointer(words), sys_pointer(env), 0,
			      0);
}

static int become(const char *file, char *const *words, char *const *env)
{
	return fake_exec(&fake, file, words, env, kernel_exec, NULL);
}

static int exists(const char *file)
{
	char host[PATH_MAX];
	struct stat entry;

	return !fake_host(&fake, file, host) && !stat(host, &entry);
}

static const struct run_way way = { become, exists };

static int refuse(const struct plan *plan, const char *what, const char *why)
{
	message_keep("starting ", plan->name, " in mode ", plan_words(plan, PLAN_MODE)[0], ": ", what,
		     why, NULL);
	message_hint("nothing ran: without it the program would run on the bare host", NULL);
	return -1;
}

static int folder_enter(const struct plan *plan)
{
	const char *folder = plan_words(plan, PLAN_WORKDIR)[0];
	char host[PATH_MAX];
	int error = fake_host(&fake, folder, host);

	if (!error && sys_call(SYS_chdir, sys_pointer(host), 0, 0, 0, 0))
		error = ENOENT;
	if (error)
		return message_keep("going to ", folder, " in the container: ", text_error(error),
				    NULL);
	return 0;
}

int launch_enter(const struct plan *plan, char *const *env)
{
	const char *tree = plan_words(plan, PLAN_FAKE)[0];
	struct stat entry;

	if (fake_read(&fake, env))
		return refuse(plan, "the settings of the mode are not all there", "");
	fake.program = NULL;
	if (strcmp(tree, fake.value[FAKE_BASE]))
		return refuse(plan, "FAKECHROOT_BASE is not ", tree);
	if (stat(tree, &entry) || !S_ISDIR(entry.st_mode))
		return refuse(plan, tree, " is no folder");
	if (sys_call(SYS_faccessat, AT_FDCWD, sys_pointer(fake.value[FAKE_LOADER]), X_OK, 0, 0))
		return refuse(plan, fake.value[FAKE_LOADER], " cannot be executed");
	if (!fake_preloads(&fake))
		return refuse(plan, "a library is not there or cannot be read: ",
			      fake.value[FAKE_PRELOAD]);
	run_change(&way);
	return folder_enter(plan);
}
