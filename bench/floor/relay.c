/* The relay: one direction from one side to its peer, until the socket is drained, the receiver full, or the turn over. */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define READS_PER_TURN 4

static void keep(struct side *from, ssize_t sent, size_t size);
static void read_on_later(struct side *from);
static void end(struct side *from);

struct side *again_list;

void relay(struct side *from)
{
	if (from->rest != NULL || from->ended)
		return;
	for (int turn = 0; turn < READS_PER_TURN; turn++) {
		ssize_t got = recv(from->fd, buffer, sizeof buffer, 0);
		ssize_t sent;

		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			if (got == 0)
				end(from);
			else
				drop(from);
			return;
		}
		sent = send(from->peer->fd, buffer, (size_t)got, MSG_NOSIGNAL);
		if (sent < got) {
			keep(from, sent, (size_t)got);
			return;
		}
		if ((size_t)got < sizeof buffer) {
			if (from->hung_up)
				end(from);
			return;
		}
	}
	read_on_later(from);
}

/* Its edge has been consumed, so nobody else will remind us. */
static void read_on_later(struct side *from)
{
	if (from->again)
		return;
	from->again = 1;
	from->next_again = again_list;
	again_list = from;
}

void keep(struct side *from, ssize_t sent, size_t size)
{
	size_t gone = sent < 0 ? 0 : (size_t)sent;

	from->rest = (sent < 0 && errno != EAGAIN) ? NULL : malloc(size - gone);
	if (from->rest == NULL) {
		drop(from);
		return;
	}
	from->rest_at = 0;
	from->rest_size = size - gone;
	memcpy(from->rest, buffer + gone, from->rest_size);
}

/* The peer takes bytes again: its rest first, then what came in the meantime. */
void flush(struct side *from)
{
	ssize_t sent = send(from->peer->fd, from->rest + from->rest_at, from->rest_size, MSG_NOSIGNAL);

	if (sent < 0) {
		if (errno != EAGAIN)
			drop(from);
		return;
	}
	from->rest_at += (size_t)sent;
	from->rest_size -= (size_t)sent;
	if (from->rest_size > 0)
		return;
	free(from->rest);
	from->rest = NULL;
	relay(from);
}

void end(struct side *from)
{
	from->ended = 1;
	if (from->peer->ended)
		drop(from);
	else
		shutdown(from->peer->fd, SHUT_WR);
}

void run_again(void)
{
	struct side *side = again_list;

	again_list = NULL;
	while (side != NULL) {
		struct side *next = side->next_again;

		side->again = 0;
		if (side->state == RELAYING)
			relay(side);
		side = next;
	}
}
