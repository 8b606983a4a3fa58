#include "release.h"

#include <dirent.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "stage.h"

/* The highest N among the names BEFORE.N... in FOLDER of the user's place, or -1. */
static long restart_find(const struct site *site, uid_t uid, const char *folder, const char *before)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	long most = -1;
	DIR *names;

	if ((size_t)snprintf(path, sizeof path, "%s/berth-%lu/%s", site->node_dir, (unsigned long)uid, folder) >=
	    sizeof path)
		return -1;
	names = opendir(path);
	if (!names)
		return -1;
	while ((entry = readdir(names))) {
		size_t length = strlen(before);
		long restart = strncmp(entry->d_name, before, length) ? -1 : strtol(entry->d_name + length, NULL, 10);

		if (restart > most)
			most = restart;
	}
	closedir(names);
	return most;
}

/* What is left of the job: its folders, and the locks of steps that could not be prepared. */
static long left_find(const struct site *site, uint32_t job, uid_t uid)
{
	char folder[32], lock[32];
	long by_folder, by_lock;

	snprintf(folder, sizeof folder, "%lu.", (unsigned long)job);
	snprintf(lock, sizeof lock, "job-%lu.", (unsigned long)job);
	by_folder = restart_find(site, uid, "jobs", folder);
	by_lock = restart_find(site, uid, "leases", lock);
	return by_folder > by_lock ? by_folder : by_lock;
}

static void release_run(const struct site *site, uint32_t job, long restart, const struct passwd *user)
{
	static struct child_output out, err;
	char berth[PATH_MAX], node_dir[PATH_MAX + 16], home[PATH_MAX], id[32], count[48];
	char *env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", home, id, count, NULL };

	if (site_path(site, "bin/berth", berth))
		return;
	snprintf(node_dir, sizeof node_dir, "--node-dir=%s", site->node_dir);
	snprintf(home, sizeof home, "HOME=%s", user->pw_dir);
	snprintf(id, sizeof id, "SLURM_JOB_ID=%lu", (unsigned long)job);
	snprintf(count, sizeof count, "SLURM_RESTART_COUNT=%ld", restart);
	child_run_as(user, (char *[]){ berth, "--quiet", node_dir, "node", "release", NULL }, env, &out, &err);
}

void release_job(const struct site *site, uint32_t job, uid_t uid)
{
	long restart = left_find(site, job, uid);
	const struct passwd *user = restart < 0 || !uid ? NULL : getpwuid(uid);

	if (user)
		release_run(site, job, restart, user);
}

int save_step(const struct site *site, const struct saving *saving, void (*say)(const char *line))
{
	static struct child_output out, err;
	char berth[PATH_MAX], node_dir[PATH_MAX + 16], home[PATH_MAX], id[64], count[64], step[96];
	char *env[] = { "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", home, id, count, NULL };
	const struct passwd *user = saving->uid ? getpwuid(saving->uid) : NULL;

	if (!user || site_path(site, "bin/berth", berth)) {
		say("berth: saving the container: there is no ordinary user, or the path of berth is too long");
		return -1;
	}
	snprintf(node_dir, sizeof node_dir, "--node-dir=%s", saving->node_dir);
	snprintf(home, sizeof home, "HOME=%s", user->pw_dir);
	snprintf(id, sizeof id, "SLURM_JOB_ID=%s", saving->job);
	snprintf(count, sizeof count, "SLURM_RESTART_COUNT=%s", saving->restart);
	snprintf(step, sizeof step, "--step=%s", saving->step);
	if (!child_run_as(user, (char *[]){ berth, "--quiet", node_dir, "node", "save", step, NULL }, env, &out, &err))
		return 0;
	lines_say(*err.text ? err.text : "berth: saving the container: it ended without a word", say);
	return -1;
}
