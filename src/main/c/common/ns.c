#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "emulate.h"
#include "message.h"
#include "mount.h"
#include "share.h"
#include "text.h"

static int fail(const char *what, int error)
{
	struct utsname name;

	message_keep(what, ": ", text_error(error), NULL);
	if (error == EPERM || error == EACCES || error == ENOSPC || error == EUSERS) {
		uname(&name);
		message_hint("user namespaces are switched off on ", name.nodename,
			     "; use --mode P2", NULL);
	}
	return -1;
}

static int file_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t length = (ssize_t)strlen(text);
	int error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, (size_t)length) != length)
		error = errno;
	close(fd);
	return error;
}

static int map_put(const char *path, const char *inside, unsigned outside)
{
	char map[3 * TEXT_DECIMAL], number[TEXT_DECIMAL];
	int error;

	strcpy(map, inside);
	strcat(map, " ");
	strcat(strcat(map, text_decimal(number, outside)), " 1\n");
	error = file_put(path, map);
	if (error)
		return fail(path, error);
	return 0;
}

int ns_unshare(const char *inside_uid, const char *inside_gid)
{
	unsigned uid = geteuid(), gid = getegid();
	int error;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return fail("making a user and a mount namespace", errno);
	/*
	 * Linux asks for this before an unprivileged gid map (user_namespaces(7)); before 3.19 it
	 * is absent.
	 */
	error = file_put("/proc/self/setgroups", "deny");
	if (error && error != ENOENT)
		return fail("writing /proc/self/setgroups", error);
	if (map_put("/proc/self/uid_map", inside_uid, uid) ||
	    map_put("/proc/self/gid_map", inside_gid, gid))
		return -1;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return fail("making the mounts private", errno);
	return 0;
}

static int ns_make(const struct plan *plan)
{
	char **identity = plan_words(plan, PLAN_IDENTITY);

	return ns_unshare(identity[0], identity[1]) ? -1 : mount_tree(plan);
}

static int ns_share(const struct plan *plan, char *const *env)
{
	char **word = plan_words(plan, PLAN_SHARE);
	struct share share;
	int done;

	if (share_open(&share, word[0], word[1], env))
		return -1;
	done = share_join(&share);
	if (!done)
		done = ns_make(plan) || share_begin(&share) ? -1 : 1;
	share_close(&share);
	return done > 0 ? 0 : -1;
}

static int ns_join(const struct plan *plan)
{
	char **word = plan_words(plan, PLAN_JOIN);
	struct share_member member;

	text_number(word[0], INT_MAX, &member.pid);
	text_number(word[1], ULLONG_MAX, &member.start);
	if (!share_member_join(&member))
		return 0;
	if (share_start_time(member.pid) != member.start)
		return message_keep("joining process ", word[0], ": it has ended", NULL);
	return fail("joining the namespaces of a process", errno);
}

static int ns_find(const struct plan *plan, char *const *env)
{
	if (plan->first[PLAN_JOIN])
		return ns_join(plan);
	return plan->first[PLAN_SHARE] ? ns_share(plan, env) : ns_make(plan);
}

int ns_enter(const struct plan *plan, char *const *env)
{
	const char *folder = plan_words(plan, PLAN_WORKDIR)[0];

	if (ns_find(plan, env))
		return -1;
	if (chdir(folder))
		return message_keep("going to the working folder ", folder, " in the container: ",
				    text_error(errno), NULL);
	return emulate_root(plan);
}
