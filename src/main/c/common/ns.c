#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "emulate.h"
#include "emulator.h"
#include "ids.h"
#include "message.h"
#include "mount.h"
#include "share.h"
#include "sys.h"
#include "text.h"

int ns_fail(const char *what, int error)
{
	struct utsname name;

	message_keep(what, ": ", text_error(error), NULL);
	if (error == EPERM || error == EACCES || error == ENOSPC || error == EUSERS) {
		uname(&name);
		message_hint("user namespaces are switched off on ", name.nodename,
			     "; use --mode=P1", NULL);
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
		return ns_fail(path, error);
	return 0;
}

/* A network of one's own begins without even its loopback; a program that needs it says so itself. */
static void loopback_start(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	long fd = sys_call(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0, 0);

	if (fd < 0)
		return;
	lo.ifr_flags = IFF_UP | IFF_RUNNING;
	sys_call(SYS_ioctl, fd, SIOCSIFFLAGS, sys_pointer(&lo), 0, 0);
	close((int)fd);
}

/* A namespace for each of FLAGS, and the caller's own number shown as INSIDE_UID and INSIDE_GID. */
static int namespaces_make(int flags, const char *inside_uid, const char *inside_gid)
{
	unsigned uid = geteuid(), gid = getegid();
	int error;

	if (unshare(flags))
		return ns_fail("making a user and a mount namespace", errno);
	/*
	 * Linux asks for this before an unprivileged gid map (user_namespaces(7)); before 3.19 it
	 * is absent.
	 */
	error = file_put("/proc/self/setgroups", "deny");
	if (error && error != ENOENT)
		return ns_fail("writing /proc/self/setgroups", error);
	return map_put("/proc/self/uid_map", inside_uid, uid) ||
	       map_put("/proc/self/gid_map", inside_gid, gid);
}

int ns_unshare(const struct plan *plan, const char *inside_uid, const char *inside_gid)
{
	int flags;

	plan_namespaces(plan_words(plan, PLAN_NAMESPACE)[0], &flags);
	if (plan->first[PLAN_SUBIDS] ? ids_unshare(flags, plan_words(plan, PLAN_SUBIDS))
				     : namespaces_make(flags, inside_uid, inside_gid))
		return -1;
	if (flags & CLONE_NEWNET)
		loopback_start();
	if (mount(NULL, "/", NULL, MS_REC | (mount_follows(plan) ? MS_SLAVE : MS_PRIVATE), NULL))
		return ns_fail("making the mounts private", errno);
	return 0;
}

/* The kernel lets only root register one: who is somebody else is so in a namespace inside of that. */
static int ns_make_emulated(const struct plan *plan)
{
	char **identity = plan_words(plan, PLAN_IDENTITY);

	if (ns_unshare(plan, "0", "0") || emulator_register(plan_words(plan, PLAN_EMULATOR)))
		return -1;
	if (!strcmp(identity[0], "0") && !strcmp(identity[1], "0"))
		return 0;
	return namespaces_make(CLONE_NEWUSER | CLONE_NEWNS, identity[0], identity[1]) ? -1 : 0;
}

static int ns_make(const struct plan *plan)
{
	char **identity = plan_words(plan, PLAN_IDENTITY);

	if (plan->first[PLAN_EMULATOR] ? ns_make_emulated(plan)
				       : ns_unshare(plan, identity[0], identity[1]))
		return -1;
	return mount_tree(plan);
}

int ns_try_ids(char *const *word)
{
	const char *fault = ids_fault(word);

	if (fault)
		return message_keep("trying subordinate ids: the trial ", fault, NULL);
	return ids_unshare(CLONE_NEWUSER | CLONE_NEWNS, word);
}

int ns_try_emulator(char *const *word)
{
	return namespaces_make(CLONE_NEWUSER | CLONE_NEWNS, "0", "0") || emulator_register(word);
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
	return ns_fail("joining the namespaces of a process", errno);
}

/* Those that one meets by DIR VALUE must be there: nothing is made. */
static int ns_join_ranks(const struct plan *plan)
{
	char **word = plan_words(plan, PLAN_JOIN_RANKS);
	struct share share;
	int done;

	if (share_open_value(&share, word[0], word[1]))
		return -1;
	done = share_join(&share);
	share_close(&share);
	if (!done)
		message_keep("joining the ranks of ", word[0], ": none of them runs any more", NULL);
	return done > 0 ? 0 : -1;
}

static int ns_find(const struct plan *plan, char *const *env)
{
	if (plan->first[PLAN_JOIN])
		return ns_join(plan);
	if (plan->first[PLAN_JOIN_RANKS])
		return ns_join_ranks(plan);
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
	return emulate_root(plan) || ids_become(plan) ? -1 : 0;
}
