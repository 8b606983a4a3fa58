#include "tell.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "sys.h"

#define PATIENCE_SECONDS 3

/* Reads a number up to MOST at *TEXT and steps over it; -1 for none. */
static long number_read(const char **text, long most)
{
	long number = 0;

	if (**text < '0' || **text > '9')
		return -1;
	for (; **text >= '0' && **text <= '9'; (*text)++) {
		number = number * 10 + (**text - '0');
		if (number > most)
			return -1;
	}
	return number;
}

/* 0, or -1. Both end up in the order of the network, whatever the machine's is. */
static int address_read(struct sockaddr_in *peer, const char *address, const char **where)
{
	unsigned char *bytes = (unsigned char *)&peer->sin_addr, *port = (unsigned char *)&peer->sin_port;
	long number;

	peer->sin_family = AF_INET;
	for (int i = 0; i < 4; i++) {
		number = number_read(&address, 255);
		if (number < 0 || *address != (i < 3 ? '.' : 0))
			return -1;
		bytes[i] = (unsigned char)number;
		address++;
	}
	number = number_read(where, 65535);
	port[0] = (unsigned char)(number >> 8);
	port[1] = (unsigned char)number;
	return number <= 0 || *(*where)++ != ' ' ? -1 : 0;
}

static int send_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		long sent = sys_call6(SYS_sendto, fd, sys_pointer(text), (long)left, MSG_NOSIGNAL, 0, 0);

		if (sent <= 0)
			return -1;
		text += sent;
		left -= (size_t)sent;
	}
	return 0;
}

/* What is sent, behind the token that WHERE ends with. */
struct letter {
	const char *kind, *node, *text;
};

/* How many bytes came back, at most ROOM; -1 when nothing could be said. */
static long say(int fd, const struct sockaddr_in *peer, const char *token, const struct letter *letter, long seconds,
		char *answer, size_t room)
{
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };

	sys_call(SYS_setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, sys_pointer(&patience), sizeof patience);
	if (sys_call(SYS_connect, fd, sys_pointer(peer), sizeof *peer, 0, 0))
		return -1;
	patience.tv_sec = seconds;
	sys_call(SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, sys_pointer(&patience), sizeof patience);
	if (send_all(fd, token) || send_all(fd, letter->kind) || send_all(fd, letter->node) || send_all(fd, "\n") ||
	    send_all(fd, letter->text) || sys_call(SYS_shutdown, fd, SHUT_WR, 0, 0, 0))
		return -1;
	return read(fd, answer, room);
}

static long exchange(const char *address, const char *where, const struct letter *letter, long seconds, char *answer,
		     size_t room)
{
	struct sockaddr_in peer = { .sin_port = 0 };
	long result;
	int fd;

	if (!address || !where || !letter->node || address_read(&peer, address, &where))
		return -1;
	fd = (int)sys_call(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0, 0, 0);
	if (fd < 0)
		return -1;
	result = say(fd, &peer, where, letter, seconds, answer, room);
	close(fd);
	return result;
}

int tell(const char *address, const char *where, const char *node, const char *text)
{
	const struct letter letter = { " ", node, text };
	char heard[2];

	return exchange(address, where, &letter, PATIENCE_SECONDS, heard, sizeof heard) == 2 ? 0 : -1;
}

int tell_ask(const char *address, const char *where, const char *node, const char *text, long seconds, char *answer,
	     size_t room)
{
	const struct letter letter = { "?", node, text };
	long got = exchange(address, where, &letter, seconds, answer, room - 1);

	answer[got > 0 ? got : 0] = 0;
	return got > 0 ? 0 : -1;
}
