/*
 * The relay: one direction from one side to its peer, until the socket is drained, the receiver full, or the turn over.
 * A direction that has filled the buffer once is bulk, and spliced from then on.
 */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECES_PER_TURN 4
#define MUCH 65536
#define PIECE (1 << 20)

static int copy_piece(struct side *from);
static int splice_piece(struct side *from);
static int empty_pipe(struct side *from);
static int send_rest(struct side *from);
static void keep(struct side *from, ssize_t sent, size_t size);
static void open_pipe(struct side *from);
static void read_on_later(struct side *from);
static void stop(struct side *from, ssize_t got);
static void end(struct side *from);

struct side *again_list;
int copies;

void relay(struct side *from)
{
	if (from->rest != NULL || from->in_pipe > 0 || from->ended)
		return;
	for (int turn = 0; turn < PIECES_PER_TURN; turn++) {
		if (!(from->pipe[1] > 0 ? splice_piece(from) : copy_piece(from)))
			return;
	}
	read_on_later(from);
}

/* 1 when there may be more to read now. */
int copy_piece(struct side *from)
{
	const size_t size = copies ? COPY_BUFFER : MUCH;
	ssize_t got = recv(from->fd, buffer, size, 0);
	ssize_t sent;

	if (got <= 0) {
		stop(from, got);
		return 0;
	}
	sent = send(from->peer->fd, buffer, (size_t)got, MSG_NOSIGNAL);
	if (sent < got) {
		keep(from, sent, (size_t)got);
		return 0;
	}
	if ((size_t)got < size) {
		if (from->hung_up)
			end(from);
		return 0;
	}
	open_pipe(from);
	return 1;
}

/* A short piece may have filled the slots of the pipe: only EAGAIN says that the socket is drained. */
int splice_piece(struct side *from)
{
	ssize_t got = splice(from->fd, NULL, from->pipe[1], NULL, PIECE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (got <= 0) {
		stop(from, got);
		return 0;
	}
	from->in_pipe = (size_t)got;
	return empty_pipe(from);
}

/* The peer takes bytes again: what waits for it first, then what came in the meantime. */
void flush(struct side *from)
{
	if (from->in_pipe > 0 ? empty_pipe(from) : send_rest(from))
		relay(from);
}

int empty_pipe(struct side *from)
{
	while (from->in_pipe > 0) {
		ssize_t sent = splice(from->pipe[0], NULL, from->peer->fd, NULL, from->in_pipe,
			SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

		if (sent < 0) {
			if (errno != EAGAIN)
				drop(from);
			return 0;
		}
		from->in_pipe -= (size_t)sent;
	}
	return 1;
}

int send_rest(struct side *from)
{
	ssize_t sent = send(from->peer->fd, from->rest + from->rest_at, from->rest_size, MSG_NOSIGNAL);

	if (sent < 0) {
		if (errno != EAGAIN)
			drop(from);
		return 0;
	}
	from->rest_at += (size_t)sent;
	from->rest_size -= (size_t)sent;
	if (from->rest_size > 0)
		return 0;
	free(from->rest);
	from->rest = NULL;
	return 1;
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

/* Without a pipe of that size it is read and written as before. */
void open_pipe(struct side *from)
{
	if (copies || pipe2(from->pipe, O_NONBLOCK | O_CLOEXEC) < 0)
		return;
	if (fcntl(from->pipe[1], F_SETPIPE_SZ, PIECE) >= PIECE)
		return;
	close(from->pipe[0]);
	close(from->pipe[1]);
	from->pipe[0] = from->pipe[1] = 0;
}

/* Its edge has been consumed, so nobody else will remind us. */
void read_on_later(struct side *from)
{
	if (from->again)
		return;
	from->again = 1;
	from->next_again = again_list;
	again_list = from;
}

/* Nothing came: the socket is drained, its sender has ended, or it is broken. */
void stop(struct side *from, ssize_t got)
{
	if (got == 0)
		end(from);
	else if (errno != EAGAIN)
		drop(from);
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
