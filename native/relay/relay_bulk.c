/*
 * Bulk: a direction that has read much several times in a row goes through a pipe of its relay thread instead of
 * through memory. A relay keeps the pipe only while a slow receiver leaves bytes in it, as it does with a rest, and no
 * longer than LENT_MS if others want one.
 */
#include <errno.h>

#include "relay_end.h"

/*
 * This many reads in a row of at least this size are the beginning of bulk; one splice of less than LITTLE is its end. Measured:
 * docs/performance.md.
 */
#define MUCH ((size_t)64 * 1024)
#define OFTEN 3
#define LITTLE ((size_t)16 * 1024)

/*
 * A pipe that its receiver has not emptied in this time may go to another: its bytes are copied into memory, at most once in
 * this time for each pipe.
 */
#define LENT_MS 250

bool relay_is_bulk(const struct loop *loop, const struct relay *relay, enum side side)
{
	return loop->pipes != NULL && relay->much[side] == OFTEN;
}

void relay_note_read(struct relay *relay, enum side side, size_t size)
{
	if (size < MUCH)
		relay->much[side] = 0;
	else if (relay->much[side] < OFTEN)
		relay->much[side]++;
}

static void count(struct loop *loop, struct pipe *pipe)
{
	ledger_change(loop->ledger, pipe->counted, pipe->filled);
	pipe->counted = pipe->filled;
}

void relay_drop_pipe(struct loop *loop, struct relay *relay, enum side side)
{
	struct pipe *pipe = relay->pipes[side];

	if (pipe == NULL)
		return;
	relay->pipes[side] = NULL;
	ledger_change(loop->ledger, pipe->counted, 0);
	pipe->counted = 0;
	pipes_give_back(loop->pipes, pipe);
}

/* Moves the bytes of a pipe into memory, where they wait as a rest does. 0, or -errno as of leg_take_rest(). */
static int unload(struct loop *loop, struct relay *relay, enum side side)
{
	struct pipe *pipe = relay->pipes[side];
	int status = leg_take_rest(relay->legs[other_side(side)], pipe->read_fd, pipe->filled);

	if (status < 0)
		return status;
	pipe->filled = 0;
	relay_drop_pipe(loop, relay, side);
	return 0;
}

/* Sends what waits for one side, in its pipe or as its rest. 0 or -errno. */
static int flush(struct loop *loop, struct relay *relay, enum side side)
{
	struct leg *to = relay->legs[other_side(side)];
	struct pipe *pipe = relay->pipes[side];

	if (pipe == NULL)
		return leg_flush(to);
	int status = pipe_flush(pipe, to->fd);
	count(loop, pipe);
	if (status == 0 || !pipe_error_is_ours(-status))
		return status;
	pipes_give_up(loop->pipes);
	status = unload(loop, relay, side);
	return status < 0 ? status : leg_flush(to);
}

bool relay_flush(struct loop *loop, struct relay *relay, enum side side)
{
	int status = flush(loop, relay, side);

	if (status < 0) {
		relay_reset(loop, relay, relay->legs[other_side(side)], -status);
		return false;
	}
	if (relay->pipes[side] != NULL && relay->pipes[side]->filled == 0)
		relay_drop_pipe(loop, relay, side);
	return true;
}

size_t relay_waiting(const struct relay *relay, enum side side)
{
	const struct pipe *pipe = relay->pipes[side];

	return pipe != NULL ? pipe->filled : leg_waiting(relay->legs[other_side(side)]);
}

/* Takes a pipe from a relay whose receiver is slow, and leaves it the bytes in memory. */
static void call_in_pipe(struct loop *loop)
{
	struct pipe *pipe = pipes_find_oldest(loop->pipes, loop->now_ms - LENT_MS);

	if (pipe == NULL)
		return;
	struct leg *to = pipe->to;
	struct relay *relay = to->relay;
	int status = unload(loop, relay, relay->legs[CLIENT] == to ? TARGET : CLIENT);
	/* Bytes may be lost: the receiver must not take what follows for the whole. */
	if (status < 0 && status != -ENOMEM)
		relay_reset(loop, relay, to, -status);
}

static struct pipe *borrow(struct loop *loop, struct leg *to)
{
	struct pipe *pipe = pipes_borrow(loop->pipes, to, loop->now_ms);

	if (pipe != NULL || loop->pipes->useless)
		return pipe;
	call_in_pipe(loop);
	return pipes_borrow(loop->pipes, to, loop->now_ms);
}

/* No bytes came into a pipe. Reasons that a read reports, too, are left to the read that follows. */
static void note_nothing(struct loop *loop, struct relay *relay, struct leg *from, int error)
{
	/* The pipe was empty: it is the socket that has no bytes, or none before an urgent one, of which epoll will tell. */
	if (error == EAGAIN)
		from->readable = false;
	else if (pipe_error_is_ours(error))
		pipes_give_up(loop->pipes);
	else if (error != EINTR && error != ENOMEM)
		relay_reset(loop, relay, from, error);
}

size_t relay_splice(struct loop *loop, struct relay *relay, enum side side, size_t most)
{
	struct leg *from = relay->legs[side], *to = relay->legs[other_side(side)];

	if (from->urgent || relay->lean || !relay_is_bulk(loop, relay, side) || ledger_is_full(loop->ledger))
		return 0;
	struct pipe *pipe = borrow(loop, to);
	if (pipe == NULL)
		return 0;
	relay->pipes[side] = pipe;
	from->spliced = true;
	ssize_t size = pipe_fill(pipe, from->fd, most);
	if (size <= 0) {
		relay_drop_pipe(loop, relay, side);
		if (size < 0)
			note_nothing(loop, relay, from, (int)-size);
		return 0;
	}
	if ((size_t)size < LITTLE)
		relay->much[side] = 0;
	relay_count(loop, relay, side, (size_t)size);
	relay_flush(loop, relay, side);
	return (size_t)size;
}
