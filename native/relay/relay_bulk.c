/*
 * Bulk: a direction that has read much several times in a row goes through a pipe of its relay thread instead of
 * through memory. A relay keeps the pipe only while a slow receiver leaves bytes in it, as it does with a rest.
 */
#include <errno.h>

#include "relay_end.h"

/* This many reads in a row of at least this size are the beginning of bulk; one splice of less than LITTLE is its end. */
#define MUCH ((size_t)256 * 1024)
#define OFTEN 3
#define LITTLE ((size_t)64 * 1024)

/*
 * A direction that has had its thread to itself for this long is copied: its bytes stay in the processor's cache
 * until they are sent, which fresh pages would not. Several directions evict each other's bytes
 * (docs/performance.md).
 */
#define ALONE_MS 100

bool relay_is_bulk(const struct loop *loop, const struct relay *relay, enum side side)
{
	return loop->pipes != NULL && relay->much[side] == OFTEN && loop->now_ms - loop->mover_changed_ms < ALONE_MS;
}

static void note_mover(struct loop *loop, const struct leg *from)
{
	if (loop->mover == from)
		return;
	loop->mover = from;
	loop->mover_changed_ms = loop->now_ms;
}

void relay_note_read(struct loop *loop, struct relay *relay, enum side side, size_t size)
{
	if (size >= LITTLE)
		note_mover(loop, relay->legs[side]);
	if (size < MUCH)
		relay->much[side] = 0;
	else if (relay->much[side] < OFTEN)
		relay->much[side]++;
}

bool relay_flush(struct loop *loop, struct relay *relay, enum side side)
{
	struct leg *to = relay->legs[other_side(side)];
	struct pipe *pipe = relay->pipes[side];
	int status = pipe != NULL ? pipe_flush(pipe, to->fd) : leg_flush(to);

	if (status < 0) {
		relay_reset(loop, relay, to, -status);
		return false;
	}
	if (pipe != NULL && pipe->filled == 0)
		relay_drop_pipe(loop, relay, side);
	return true;
}

void relay_drop_pipe(struct loop *loop, struct relay *relay, enum side side)
{
	if (relay->pipes[side] != NULL)
		pipes_give_back(loop->pipes, relay->pipes[side]);
	relay->pipes[side] = NULL;
}

size_t relay_waiting(const struct relay *relay, enum side side)
{
	const struct pipe *pipe = relay->pipes[side];

	return pipe != NULL ? pipe->filled : leg_waiting(relay->legs[other_side(side)]);
}

/* Finds out why no bytes came into a pipe. Reasons that a read reports, too, are left to the read that follows. */
static void note_failure(struct loop *loop, struct relay *relay, struct leg *from, int error)
{
	if (error == EINVAL || error == ENOSYS)
		loop->pipes->useless = true;
	else if (error != EAGAIN && error != EINTR)
		relay_reset(loop, relay, from, error);
}

size_t relay_splice(struct loop *loop, struct relay *relay, enum side side, size_t most)
{
	struct leg *from = relay->legs[side];

	if (from->urgent || relay->lean || !relay_is_bulk(loop, relay, side))
		return 0;
	struct pipe *pipe = pipes_borrow(loop->pipes, loop->now_ms);
	if (pipe == NULL)
		return 0;
	relay->pipes[side] = pipe;
	ssize_t size = pipe_fill(pipe, from->fd, most);
	if (size <= 0) {
		relay_drop_pipe(loop, relay, side);
		if (size < 0)
			note_failure(loop, relay, from, (int)-size);
		return 0;
	}
	if ((size_t)size < LITTLE)
		relay->much[side] = 0;
	else
		note_mover(loop, from);
	relay_count(loop, relay, side, (size_t)size);
	relay_flush(loop, relay, side);
	return (size_t)size;
}
