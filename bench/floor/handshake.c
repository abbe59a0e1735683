/* The handshake: each message of the client in one segment, anything else is dropped. */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* VER NMETHODS METHODS in one segment. */
void take_greeting(struct side *client)
{
	ssize_t got = recv(client->fd, buffer, 257, 0);

	if (got < 0 && errno == EAGAIN)
		return;
	client->state = REQUEST;
	if (got < 3 || buffer[0] != 5 || send(client->fd, "\5\0", 2, MSG_NOSIGNAL) != 2)
		drop(client);
}

/* VER CMD RSV ATYP=1 DST.ADDR DST.PORT in one segment; the client waits for the reply. */
void take_request(struct side *client)
{
	const int on = 1;
	struct sockaddr_in name = { .sin_family = AF_INET };
	ssize_t got = recv(client->fd, buffer, 10, 0);
	int fd, connected;

	if (got < 0 && errno == EAGAIN)
		return;
	fd = got == 10 && memcmp(buffer, "\5\1\0\1", 4) == 0
		? socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
		: -1;
	if (fd < 0) {
		drop(client);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	memcpy(&name.sin_addr, buffer + 4, 4);
	memcpy(&name.sin_port, buffer + 8, 2);
	connected = connect(fd, (struct sockaddr *)&name, sizeof name) == 0;
	client->state = WAITING;
	client->peer = watch(fd, CONNECTING);
	client->peer->peer = client;
	if (connected)
		answer(client->peer);
}

/* A connection that failed shows it when the first bytes are passed on. */
void answer(struct side *target)
{
	target->state = target->peer->state = RELAYING;
	if (send(target->peer->fd, "\5\0\0\1\0\0\0\0\0", 10, MSG_NOSIGNAL) != 10)
		drop(target);
}
