#include "ids.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.h"
#include "ns.h"
#include "sys.h"
#include "text.h"

/* What a mapper says is cut here. */
#define SAID_LONGEST 512

/* Written behind what the mappers said, when both have done their work. */
#define DONE '+'

#define STACK (16 * 1024)

/* A process that stays outside, since who is inside may map nothing but himself. */
struct mapper {
	char *const *word;
	pid_t target;
	unsigned uid;
	unsigned gid;
	int begin[2]; /* a byte comes when the namespace is there */
	int said;
};

const char *ids_fault(char *const *word)
{
	unsigned long long first, count;

	for (int i = IDS_UID; i <= IDS_GID; i += IDS_GID - IDS_UID)
		if (text_number(word[i], UINT_MAX - 1, &first) || !first ||
		    text_number(word[i + 1], UINT_MAX - 1, &count) || !count || first + count > UINT_MAX)
			return "has no range of ids";
	return word[IDS_NEWUIDMAP][0] == '/' && word[IDS_NEWGIDMAP][0] == '/' ? NULL
									      : "has no absolute path";
}

/* Tells PROGRAM that in TARGET 0 is OWN, and 1 to COUNT are those from FIRST; its status. */
static int map_run(const struct mapper *mapper, char *program, unsigned own, char *first, char *count)
{
	char pid[TEXT_DECIMAL], id[TEXT_DECIMAL], none[] = "0", one[] = "1", locale[] = "LC_ALL=C";
	char *words[] = { program, text_decimal(pid, mapper->target), none, text_decimal(id, own), one, one,
			  first, count, NULL };
	char *env[] = { locale, NULL };
	pid_t child = fork();
	int status;

	if (!child) {
		dup2(mapper->said, 1);
		dup2(mapper->said, 2);
		execve(program, words, env);
		message_keep(program, ": ", text_error(errno), NULL);
		_exit(write(2, message_kept(), strlen(message_kept())) < 0 ? 2 : 1);
	}
	return child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
	       WEXITSTATUS(status);
}

static int mapper_run(void *what)
{
	const struct mapper *mapper = what;
	char *const *word = mapper->word, done = DONE;
	char none;

	/* An ignored SIGCHLD would throw the status of the programs away. */
	signal(SIGCHLD, SIG_DFL);
	close(mapper->begin[1]);
	if (read(mapper->begin[0], &none, 1) == 1 &&
	    !map_run(mapper, word[IDS_NEWUIDMAP], mapper->uid, word[IDS_UID], word[IDS_UIDS]) &&
	    !map_run(mapper, word[IDS_NEWGIDMAP], mapper->gid, word[IDS_GID], word[IDS_GIDS]))
		return write(mapper->said, &done, 1) != 1;
	return 1;
}

/* All that was said, until its end. */
static void said_read(int fd, char said[SAID_LONGEST])
{
	char beyond[64];
	size_t length = 0;
	ssize_t bytes;

	for (;;) {
		size_t room = SAID_LONGEST - 1 - length;

		bytes = room ? read(fd, said + length, room) : read(fd, beyond, sizeof beyond);
		if (bytes < 0 && errno == EINTR)
			continue;
		if (bytes <= 0)
			break;
		length += room ? (size_t)bytes : 0;
	}
	said[length] = 0;
}

static int fail(void)
{
	return message_keep("mapping subordinate ids: ", text_error(errno), NULL);
}

static int map_fail(char *said)
{
	said[strcspn(said, "\n")] = 0;
	message_keep("mapping subordinate ids: ", *said ? said : "the program for it was ended", NULL);
	message_hint("newuidmap and newgidmap have to be setuid root, and the ranges yours in /etc/subuid and "
		     "/etc/subgid; or do without --subids",
		     NULL);
	return -1;
}

/* Makes the namespaces, and lets the mapper do its work. */
static int unshare_mapped(int flags, int begin, int said)
{
	char text[SAID_LONGEST], now = 0;
	size_t length;

	if (unshare(flags))
		return ns_fail("making a user namespace", errno);
	if (write(begin, &now, 1) != 1)
		return fail();
	said_read(said, text);
	length = strlen(text);
	if (!length || text[length - 1] != DONE)
		return map_fail(text);
	if (geteuid() || getegid())
		return map_fail(strcpy(text, "the programs for it said that they did, and did not"));
	return 0;
}

int ids_unshare(int flags, char *const *word)
{
	struct mapper mapper = { .word = word, .target = getpid(), .uid = geteuid(), .gid = getegid() };
	char stack[STACK] __attribute__((aligned(16)));
	int said[2], failed;
	pid_t child;

	if (pipe2(said, O_CLOEXEC) || pipe2(mapper.begin, O_CLOEXEC))
		return fail();
	mapper.said = said[1];
	/* Its end is no signal, which the program might find waiting for it. */
	child = clone(mapper_run, stack + STACK, 0, &mapper);
	close(mapper.begin[0]);
	close(said[1]);
	failed = child < 0 ? fail() : unshare_mapped(flags, mapper.begin[1], said[0]);
	close(mapper.begin[1]);
	close(said[0]);
	if (child > 0)
		waitpid(child, NULL, __WALL);
	return failed;
}

int ids_become(const struct plan *plan)
{
	char **word = plan_words(plan, PLAN_BECOME);
	unsigned long long uid, gid;

	if (!word || (!strcmp(word[0], "0") && !strcmp(word[1], "0")))
		return 0;
	text_number(word[0], UINT_MAX - 1, &uid);
	text_number(word[1], UINT_MAX - 1, &gid);
	if (sys_call(SYS_setgroups, 0, 0, 0, 0, 0) ||
	    sys_call(SYS_setresgid, (long)gid, (long)gid, (long)gid, 0, 0) ||
	    sys_call(SYS_setresuid, (long)uid, (long)uid, (long)uid, 0, 0))
		return message_keep("becoming user ", word[0], " and group ", word[1],
				    ": they are not among the ids of this container", NULL);
	return 0;
}
