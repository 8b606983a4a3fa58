#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nothing of the caller but its limits, its folder and its terminal is handed on. */
static void descriptors_close(void)
{
	long most = sysconf(_SC_OPEN_MAX);
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;

	if (!folder) {
		for (int fd = 3; fd < most; fd++)
			close(fd);
		return;
	}
	while ((entry = readdir(folder))) {
		int fd = atoi(entry->d_name);

		if (fd > 2 && fd != dirfd(folder))
			close(fd);
	}
	closedir(folder);
}

static void signals_reset(void)
{
	sigset_t none;

	sigemptyset(&none);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int user_become(const struct passwd *user)
{
	if (geteuid() == user->pw_uid)
		return chdir("/");
	return initgroups(user->pw_name, user->pw_gid) || setgid(user->pw_gid) || setuid(user->pw_uid) || chdir("/");
}

static void child_become(const struct passwd *user, char *const *argv, char *const *env, int out, int err)
{
	int nothing = open("/dev/null", O_RDONLY);

	/* first out of the way of 0 to 2 */
	out = fcntl(out, F_DUPFD, 3);
	err = fcntl(err, F_DUPFD, 3);
	if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(127);
	descriptors_close();
	if (user && user_become(user))
		_exit(127);
	/* a task that is killed takes it along; a change of ids would take this back */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signals_reset();
	execve(argv[0], argv, env);
	dprintf(2, "berth: starting %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void output_read(struct pollfd *from, struct child_output *output)
{
	char rest[1024];
	size_t room = sizeof output->text - 1 - output->size;
	ssize_t size = room ? read(from->fd, output->text + output->size, room)
			    : read(from->fd, rest, sizeof rest);

	if (size > 0 && room)
		output->size += (size_t)size;
	if (size == 0 || (size < 0 && errno != EINTR && errno != EAGAIN)) {
		close(from->fd);
		from->fd = -1;
	}
	output->text[output->size] = 0;
}

static void still_take(struct child_output *output, void (*heard)(const char *line))
{
	char *line = output->text, *end, *rest;

	while ((end = strchr(line, '\n'))) {
		rest = end + 1;
		if (strncmp(line, CHILD_STILL, strlen(CHILD_STILL))) {
			line = rest;
			continue;
		}
		*end = 0;
		heard(line);
		memmove(line, rest, output->size - (size_t)(rest - output->text) + 1);
		output->size -= (size_t)(rest - line);
	}
}

static void outputs_read(int out_fd, int err_fd, struct child_output *out, struct child_output *err,
			 void (*heard)(const char *line))
{
	struct pollfd from[2] = { { .fd = out_fd, .events = POLLIN }, { .fd = err_fd, .events = POLLIN } };

	while (from[0].fd >= 0 || from[1].fd >= 0) {
		if (poll(from, 2, -1) < 0 && errno != EINTR)
			break;
		for (int i = 0; i < 2; i++)
			if (from[i].fd >= 0 && from[i].revents)
				output_read(&from[i], i ? err : out);
		if (heard)
			still_take(err, heard);
	}
}

static int run(const struct passwd *user, char *const *argv, char *const *env, struct child_output *out,
	       struct child_output *err, void (*heard)(const char *line))
{
	int out_pipe[2], err_pipe[2], status;
	pid_t pid;

	out->size = err->size = 0;
	out->text[0] = err->text[0] = 0;
	if (pipe2(out_pipe, O_CLOEXEC))
		return -1;
	if (pipe2(err_pipe, O_CLOEXEC)) {
		close(out_pipe[0]);
		close(out_pipe[1]);
		return -1;
	}
	pid = fork();
	if (!pid)
		child_become(user, argv, env, out_pipe[1], err_pipe[1]);
	close(out_pipe[1]);
	close(err_pipe[1]);
	if (pid < 0)
		snprintf(err->text, sizeof err->text, "berth: starting %s: %s\n", argv[0], strerror(errno));
	else
		outputs_read(out_pipe[0], err_pipe[0], out, err, heard);
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_run(char *const *argv, char *const *env, struct child_output *out, struct child_output *err)
{
	return run(NULL, argv, env, out, err, NULL);
}

int child_run_heard(char *const *argv, char *const *env, struct child_output *out, struct child_output *err,
		    void (*heard)(const char *line))
{
	return run(NULL, argv, env, out, err, heard);
}

int child_run_as(const struct passwd *user, char *const *argv, char *const *env, struct child_output *out,
		 struct child_output *err)
{
	return run(user, argv, env, out, err, NULL);
}
