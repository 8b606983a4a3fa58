/*
 * What the live tests run inside a container: it says what it got. Static, needs nothing in the
 * tree.
 */
#include <sys/sysmacros.h>
#include <grp.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int notes = -1;
static volatile sig_atomic_t ending;

static void note(const char *what, int number)
{
	char line[60];
	int length = snprintf(line, sizeof line, "%s %d\n", what, number);

	if (write(notes, line, (size_t)length) < 0)
		_exit(99);
}

static void caught(int number)
{
	note("signal", number);
	ending |= number == SIGTERM;
}

static void pause_ms(long milliseconds)
{
	struct timespec left = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	while (nanosleep(&left, &left))
		;
}

/* Notes its pid and each signal in FILE; ends with 43 half a second after the first TERM. */
static int do_wait(const char *file)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM };

	notes = open(file, O_WRONLY | O_CREAT | O_APPEND, 0666);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		signal(numbers[i], caught);
	note("ready", getpid());
	for (int ticks = 0; ticks < 3000 && !ending; ticks++)
		pause_ms(10);
	pause_ms(500);
	return 43;
}

static void *heap_grow(void *first)
{
	*(char **)first = sbrk(4096);
	return NULL;
}

static long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A rank that waits as MPICH does. Asks for a while; says whether it left most of the time to others. */
static int do_ask(void)
{
	int set = epoll_create1(0), count = 0;
	long begin = milliseconds(), passed;
	struct epoll_event event;

	while ((passed = milliseconds() - begin) < 300) {
		epoll_wait(set, &event, 1, 0);
		count += passed >= 100;
	}
	return puts(count <= 200 ? "room" : "none") < 0;
}

/* Three pieces of the heap, the middle one taken by a thread: whether they follow each other. */
static int do_heap(void)
{
	char *first, *second = NULL, *third;
	pthread_t thread;

	pthread_create(&thread, NULL, heap_grow, &second);
	pthread_join(thread, NULL);
	first = sbrk(8192);
	pthread_create(&thread, NULL, heap_grow, &second);
	pthread_join(thread, NULL);
	third = sbrk(4096);
	return puts(second == first + 8192 && third == second + 4096 ? "one heap" : "two heaps") < 0;
}

static void *folder_change(void *folder)
{
	return chdir(folder) ? "no folder" : NULL;
}

/* Where the program is after a thread went to FOLDER. */
static int do_folder(const char *folder)
{
	char path[4096] = "";
	pthread_t thread;

	pthread_create(&thread, NULL, folder_change, (void *)folder);
	pthread_join(thread, NULL);
	return puts(getcwd(path, sizeof path) ? path : "nowhere") < 0;
}

static unsigned long do_inode(const char *file)
{
	struct stat entry;

	return stat(file, &entry) ? 0 : entry.st_ino;
}

/* Leaves a grandchild behind, whose pid is in FILE. */
static int do_orphan(const char *file)
{
	notes = open(file, O_WRONLY | O_CREAT | O_APPEND, 0666);
	if (fork() == 0) {
		if (fork() == 0) {
			note("ready", getpid());
			pause_ms(60000);
		}
		_exit(0);
	}
	wait(NULL);
	pause_ms(100);
	return 0;
}

/* Runs the command and tells an exit from a death. */
static int do_status(char **command)
{
	int status;

	if (fork() == 0) {
		execv(command[0], command);
		_exit(98);
	}
	wait(&status);
	if (WIFSIGNALED(status))
		printf("signal %d\n", WTERMSIG(status));
	else
		printf("exit %d\n", WEXITSTATUS(status));
	return 0;
}

static int do_state(void)
{
	struct sigaction action;
	mode_t mask = umask(0);
	sigset_t set;

	sigprocmask(SIG_SETMASK, NULL, &set);
	printf("umask %03o blocked", (unsigned)mask);
	for (int number = 1; number < 65; number++)
		if (sigismember(&set, number) == 1)
			printf(" %d", number);
	printf(" ignored");
	for (int number = 1; number < 65; number++)
		if (!sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN)
			printf(" %d", number);
	printf("\n");
	return 0;
}

static int do_fds(void)
{
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d ", fd);
	printf("\n");
	return 0;
}

static int do_ns(const char *path)
{
	char name[200];
	ssize_t length = readlink(path, name, sizeof name - 1);

	name[length < 0 ? 0 : length] = 0;
	printf("%s\n", name);
	return 0;
}

/* Becomes the command with a signal blocked and two ignored. */
static int do_odd(char **command)
{
	sigset_t set;

	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	execv(command[0], command);
	return 98;
}

#define REFUSE(number, error) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))

/* Becomes the command as an old kernel would run it, on a node that cannot pivot. */
static int do_old(char **command)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		REFUSE(SYS_openat2, ENOSYS),
		REFUSE(SYS_pidfd_open, ENOSYS),
		REFUSE(SYS_close_range, ENOSYS),
		REFUSE(SYS_mount_setattr, ENOSYS),
		REFUSE(SYS_pivot_root, EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof filter / sizeof *filter, filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return 98;
	execv(command[0], command);
	return 98;
}

static int do_die(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	kill(getpid(), number);
	return 97;
}

/* What came of each call that only root can do; 0 when it was answered as done. */
static int do_root(const char *file)
{
	int owner = chown(file, 33, 33) ? errno : 0;
	int device = mknod("/no-such-device", S_IFCHR | 0600, makedev(1, 3)) ? errno : 0;
	int user = setresuid(33, 33, 33) ? errno : 0;
	int groups = setgroups(0, NULL) ? errno : 0;

	return printf("%d %d %d %d\n", owner, device, user, groups) < 0;
}

int main(int count, char **words)
{
	const char *what, *first;

	/* As the emulator of a program, whose path then comes first. */
	if (count > 1 && !strcmp(words[1], "/bin/alien")) {
		words++;
		count--;
	}
	what = count > 1 ? words[1] : "";
	first = count > 2 ? words[2] : "";

	if (!strcmp(what, "args")) {
		for (int i = 2; i < count; i++)
			printf("%zu[%s]", strlen(words[i]), words[i]);
		printf("\n");
		return 0;
	}
	if (!strcmp(what, "env")) {
		for (char **variable = environ; *variable; variable++)
			puts(*variable);
		return 0;
	}
	if (!strcmp(what, "fds"))
		return do_fds();
	if (!strcmp(what, "state"))
		return do_state();
	if (!strcmp(what, "exit"))
		return atoi(first);
	if (!strcmp(what, "die"))
		return do_die(atoi(first));
	if (!strcmp(what, "wait"))
		return do_wait(first);
	if (!strcmp(what, "orphan"))
		return do_orphan(first);
	if (!strcmp(what, "status"))
		return do_status(words + 2);
	if (!strcmp(what, "odd"))
		return do_odd(words + 2);
	if (!strcmp(what, "old"))
		return do_old(words + 2);
	if (!strcmp(what, "link"))
		return do_ns(first);
	if (!strcmp(what, "root"))
		return do_root(first);
	if (!strcmp(what, "tty"))
		return printf("%d%d%d\n", isatty(0), isatty(1), isatty(2)) < 0;
	if (!strcmp(what, "heap"))
		return do_heap();
	if (!strcmp(what, "ask"))
		return do_ask();
	if (!strcmp(what, "folder"))
		return do_folder(first);
	if (!strcmp(what, "namespace"))
		return printf("%lu\n", do_inode(first)) < 0;
	if (!strcmp(what, "pids"))
		return printf("%d %d\n", getpid(), getppid()) < 0;
	return 96;
}
