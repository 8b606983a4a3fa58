#include "hear.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "agree.h"
#include "stage.h"

#define TOKEN 32
#define MOST_TEXT 16384
#define MOST_NAMES 1024

/* Of the nodes that wait for an agreement. */
struct waiting {
	int peer;
	char *node, *line;
};

static struct {
	int socket, wake[2];
	const char *berth;
	struct waiting *waiting;
	size_t waiters;
	int failed; /* nothing can run on some node, which has been said */
	pthread_t thread;
	int runs;
	char token[TOKEN + 1];
	void (*say)(const char *line);
	unsigned nodes;
	char names[MOST_NAMES];
} hear;

static void name_add(const char *node)
{
	size_t length = strlen(hear.names), more = strlen(node);

	hear.nodes++;
	if (length + more + 8 < sizeof hear.names) {
		hear.names[length] = ',';
		memcpy(hear.names + length + !!length, node, more + 1);
	} else if (!strstr(hear.names, ",...")) {
		strcpy(hear.names + length, ",...");
	}
}

/* Tells all that wait, and lets them go. */
static void waiting_answer(const char *text)
{
	for (size_t i = 0; i < hear.waiters; i++) {
		struct waiting *one = &hear.waiting[i];

		/* who does not hear it has gone */
		if (send(one->peer, text, strlen(text), MSG_NOSIGNAL) < 0)
			shutdown(one->peer, SHUT_RDWR);
		close(one->peer);
		free(one->node);
		free(one->line);
	}
	free(hear.waiting);
	hear.waiting = NULL;
	hear.waiters = 0;
}

static void waiting_fail(void)
{
	hear.failed = 1;
	waiting_answer(AGREE_NONE);
}

static void waiting_agree(void)
{
	char **lines = calloc(hear.waiters, sizeof *lines), mode[AGREE_MODE];
	int failed = !lines;

	for (size_t i = 0; lines && i < hear.waiters; i++)
		lines[i] = hear.waiting[i].line;
	failed = failed || agree(lines, hear.waiters, hear.berth, mode, hear.say);
	free(lines);
	if (failed)
		waiting_fail();
	else
		waiting_answer(mode);
}

/* A node whose first task was killed asks once more. */
static struct waiting *waiting_place(const char *node)
{
	struct waiting *more;

	for (size_t i = 0; i < hear.waiters; i++) {
		struct waiting *one = &hear.waiting[i];

		if (!strcmp(one->node, node)) {
			close(one->peer);
			free(one->node);
			free(one->line);
			return one;
		}
	}
	more = realloc(hear.waiting, (hear.waiters + 1) * sizeof *more);
	if (!more)
		return NULL;
	hear.waiting = more;
	return &more[hear.waiters++];
}

/* "NODE COUNT\nLINE"; takes PEER over and returns 0, or -1. */
static int question_take(int peer, const char *node, const char *line)
{
	const char *space = strchr(node, ' ');
	unsigned long count = space ? strtoul(space + 1, NULL, 10) : 0;
	char *text = strdup(line), *name = space ? strndup(node, (size_t)(space - node)) : NULL;
	struct waiting *place;

	place = count && text && name && strchr(line, ' ') ? waiting_place(name) : NULL;
	if (!place) {
		free(text);
		free(name);
		return -1;
	}
	text[strcspn(text, "\n")] = 0;
	*place = (struct waiting){ .peer = peer, .node = name, .line = text };
	if (hear.failed)
		waiting_fail();
	else if (hear.waiters >= count)
		waiting_agree();
	return 0;
}

/* "NODE\nREASON" */
static int failure_take(const char *node, const char *reason)
{
	for (const char *at = node; *at; at++)
		if ((unsigned char)*at <= ' ')
			return -1;
	if (!hear.nodes && !hear.failed)
		lines_say(reason, hear.say);
	name_add(node);
	waiting_fail();
	return 0;
}

/* 1 when PEER is kept, 0 when it is answered, -1 for what is not understood. */
static int message_take(int peer, char *text)
{
	char *node = text + TOKEN + 1, *rest = strchr(text, '\n');

	if (strncmp(text, hear.token, TOKEN) || !rest || rest < node)
		return -1;
	*rest++ = 0;
	if (text[TOKEN] == '?')
		return question_take(peer, node, rest) ? -1 : 1;
	if (text[TOKEN] != ' ' || failure_take(node, rest))
		return -1;
	/* what is not heard is said by the node */
	return send(peer, "ok", 2, MSG_NOSIGNAL) == 2 ? 0 : -1;
}

/* Whoever does not know the word must not keep nodes waiting that do. */
static int is_stranger(const char *text, size_t size)
{
	return memcmp(text, hear.token, size < TOKEN ? size : TOKEN) != 0;
}

/* 1 when it is kept. */
static int peer_hear(int peer)
{
	static char text[MOST_TEXT + 1];
	struct timeval patience = { .tv_sec = 2 };
	size_t size = 0;
	ssize_t got = 1;

	setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	while (size < MOST_TEXT && got > 0) {
		got = read(peer, text + size, MOST_TEXT - size);
		size += got > 0 ? (size_t)got : 0;
		if (is_stranger(text, size))
			return 0;
	}
	text[size] = 0;
	return !got && message_take(peer, text) == 1;
}

static void *hear_all(void *nothing)
{
	struct pollfd from[2] = { { .fd = hear.socket, .events = POLLIN }, { .fd = hear.wake[0], .events = POLLIN } };

	for (;;) {
		int peer;

		if (poll(from, 2, -1) < 0 && errno != EINTR)
			return nothing;
		if (from[0].revents) {
			peer = accept4(hear.socket, NULL, NULL, SOCK_CLOEXEC);
			if (peer >= 0 && !peer_hear(peer))
				close(peer);
		} else if (from[1].revents) {
			return nothing;
		}
	}
}

static int token_make(void)
{
	unsigned char bytes[TOKEN / 2];

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		return -1;
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(hear.token + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* To one of PORTS, whichever is free; each srun begins elsewhere, so that many at once do not meet. */
static int socket_bind(struct sockaddr_in *address, const unsigned ports[2])
{
	unsigned count = ports[1] - ports[0] + 1, first = (unsigned)getpid() % count;

	for (unsigned i = 0; i < count; i++) {
		address->sin_port = htons((uint16_t)(ports[0] + (first + i) % count));
		if (!bind(hear.socket, (struct sockaddr *)address, sizeof *address))
			return 0;
	}
	return -1;
}

static int socket_make(unsigned *port, const unsigned ports[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof address;

	hear.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (hear.socket < 0)
		return -1;
	if (socket_bind(&address, ports) || listen(hear.socket, SOMAXCONN) ||
	    getsockname(hear.socket, (struct sockaddr *)&address, &length) || pipe2(hear.wake, O_CLOEXEC)) {
		close(hear.socket);
		return -1;
	}
	*port = ntohs(address.sin_port);
	return 0;
}

/* srun waits for its signals in threads of its own. */
static int thread_start(void)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&hear.thread, NULL, hear_all, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed ? -1 : 0;
}

static void sockets_close(void)
{
	close(hear.socket);
	close(hear.wake[0]);
	close(hear.wake[1]);
}

int hear_begin(char *where, size_t room, const unsigned ports[2], const char *berth, void (*say)(const char *line))
{
	unsigned port;

	hear.berth = berth;
	hear.failed = 0;
	hear.say = say;
	hear.nodes = 0;
	hear.names[0] = 0;
	if (token_make() || socket_make(&port, ports))
		return -1;
	if (thread_start()) {
		sockets_close();
		return -1;
	}
	hear.runs = 1;
	snprintf(where, room, "%u %s", port, hear.token);
	return 0;
}

void hear_end(void)
{
	char line[MOST_NAMES + 128];

	if (!hear.runs)
		return;
	hear.runs = 0;
	if (write(hear.wake[1], "", 1) == 1)
		pthread_join(hear.thread, NULL);
	waiting_answer(AGREE_NONE);
	sockets_close();
	if (hear.nodes < 2)
		return;
	snprintf(line, sizeof line, "berth: nothing ran on %u nodes: %s (above is why the first could not be prepared)",
		 hear.nodes, hear.names);
	hear.say(line);
}
