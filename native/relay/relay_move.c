/*
 * Moving one buffer from a side to the other. Sockets are edge-triggered: a read shorter than the buffer has drained the
 * socket (epoll(7)), and if EPOLLRDHUP was seen before such a read, FIN comes right after it and needs no read of its own.
 */
#include "relay.h"

#include <errno.h>
#include <sys/socket.h>

#include "relay_end.h"
#include "urgent.h"

/* Most bytes that wait for the two receivers of a session together. */
#define SESSION_LIMIT ((size_t)1024 * 1024)

/* Most bytes of one splice: room is left for the other direction, so that neither waits for the other. */
#define SPLICE_MOST (SESSION_LIMIT - (size_t)64 * 1024)

static size_t lesser(size_t one, size_t two)
{
	return one < two ? one : two;
}

/*
 * Bytes that may be read now: the size of one move, less what the side's rate, the stop or waiting bytes of the other
 * direction forbid.
 */
static size_t allowed(const struct loop *loop, struct relay *relay, enum side side)
{
	size_t most = relay_is_bulk(loop, relay, side) ? SPLICE_MOST : loop->buffer_size;
	size_t room = SESSION_LIMIT - relay_waiting(relay, other_side(side));
	size_t allowance = lesser(rate_allowance(&relay->rates[side], loop->now_ms), relay_stop_room(relay));

	return lesser(most, lesser(room, allowance));
}

void relay_count(struct loop *loop, struct relay *relay, enum side side, size_t bytes)
{
	relay->active_ms = loop->now_ms;
	rate_spend(&relay->rates[side], bytes);
	/* There is only one writer: no locked instruction is needed. */
	uint64_t before = atomic_load_explicit(&relay->moved[side], memory_order_relaxed);
	atomic_store_explicit(&relay->moved[side], before + bytes, memory_order_relaxed);
}

/*
 * Handles a read without bytes: FIN (`size` 0), no bytes yet, or an error, which ends the relay (`size` below 0,
 * errno).
 */
static void note_nothing(struct loop *loop, struct relay *relay, struct leg *from, ssize_t size)
{
	if (size == 0 || errno == EAGAIN || errno == EWOULDBLOCK)
		from->readable = false;
	else if (errno != EINTR)
		relay_reset(loop, relay, from, errno);
	if (size == 0)
		relay_note_fin(loop, relay, from);
}

/* Reads: the size; 0: no bytes now. Sets `ended` at FIN; ends the relay at an error. */
static size_t receive(struct loop *loop, struct relay *relay, struct leg *from, size_t most, int flags)
{
	ssize_t size = recv(from->fd, loop->buffer, most, MSG_DONTWAIT | flags);

	if (size <= 0) {
		note_nothing(loop, relay, from, size);
		return 0;
	}
	/* A read stops at an urgent byte too. */
	bool drained = (size_t)size < most && !from->urgent;
	if (drained)
		from->readable = false;
	if (drained && from->hung_up)
		relay_note_fin(loop, relay, from);
	return (size_t)size;
}

bool relay_pass(struct loop *loop, struct relay *relay, enum side side, const uint8_t *bytes, size_t size)
{
	struct leg *to = relay->legs[other_side(side)];

	relay_count(loop, relay, side, size);
	int status = leg_send(loop->epoll, to, bytes, size);
	if (status < 0)
		relay_reset(loop, relay, to, -status);
	return status == 0;
}

/* Moves no more than the receiver takes now: the size; 0: no room, no bytes, or the relay is over. */
static size_t copy_exactly(struct loop *loop, struct relay *relay, enum side side, size_t most)
{
	struct leg *from = relay->legs[side], *to = relay->legs[other_side(side)];
	ssize_t size = recv(from->fd, loop->buffer, most, MSG_PEEK | MSG_DONTWAIT);

	/* No read here: it would take bytes that have come meanwhile, and they would be lost. */
	if (size <= 0) {
		note_nothing(loop, relay, from, size);
		return 0;
	}
	ssize_t taken = leg_offer(loop->epoll, to, loop->buffer, (size_t)size);
	if (taken < 0) {
		relay_reset(loop, relay, to, (int)-taken);
		return 0;
	}
	relay->blocked[side] = taken < size;
	if (taken == 0)
		return 0;
	/* Reads the same bytes once more, which MSG_TRUNC discards in the kernel (tcp(7)). */
	size_t read = receive(loop, relay, from, (size_t)taken, MSG_TRUNC);
	relay_count(loop, relay, side, read);
	return read;
}

/* Moves one buffer through memory: the size; 0: no bytes, or the relay is over. */
static size_t copy(struct loop *loop, struct relay *relay, enum side side, size_t most)
{
	struct leg *from = relay->legs[side], *to = relay->legs[other_side(side)];

	/* Splicing stops at an urgent byte, which epoll may not have reported yet, and a read would skip. */
	bool look = from->urgent || from->spliced;
	from->spliced = false;
	if (look && !urgent_pass(from, to)) {
		relay_reset(loop, relay, to, EPIPE);
		return 0;
	}
	most = lesser(most, loop->buffer_size);
	if (relay->lean || ledger_is_full(loop->ledger))
		return copy_exactly(loop, relay, side, most);
	size_t size = receive(loop, relay, from, most, 0);
	if (relay->over || size == 0 || !relay_pass(loop, relay, side, loop->buffer, size))
		return 0;
	relay_note_read(relay, side, size);
	return size;
}

bool relay_move(struct loop *loop, struct relay *relay, enum side side, size_t *budget)
{
	const struct leg *from = relay->legs[side];
	size_t most = allowed(loop, relay, side);

	if (most == 0) {
		relay->throttled[side] = true;
		relay_arm(loop, relay);
		return false;
	}
	size_t size = relay_splice(loop, relay, side, most);
	if (size == 0 && from->readable && !relay->over)
		size = copy(loop, relay, side, most);
	*budget -= lesser(size, *budget);
	return !relay->over;
}
