/* Turns of a relay: its start, the events of its legs, and whose turn it is to be read. */
#include "relay.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "relay_end.h"

static enum side side_of(const struct relay *relay, const struct leg *leg)
{
	return relay->legs[CLIENT] == leg ? CLIENT : TARGET;
}

static void put_on_ready_list(struct loop *loop, struct leg *leg)
{
	if (leg->queued)
		return;
	leg->queued = true;
	leg->next = loop->ready;
	loop->ready = leg;
}

static void pump(struct loop *loop, struct relay *relay, enum side side)
{
	struct leg *from = relay->legs[side], *to = relay->legs[other_side(side)];
	size_t budget = loop->budget;

	while (from->readable && !from->ended && !relay_side_is_stalled(relay, side) && !relay->throttled[side]) {
		if (budget == 0) {
			put_on_ready_list(loop, from);
			return;
		}
		if (!relay_move(loop, relay, side, &budget))
			return;
	}
	if (from->ended && relay_waiting(relay, side) == 0)
		relay_pass_fin(loop, relay, from, to);
}

void relay_pump(struct loop *loop, struct relay *relay, enum side side)
{
	pump(loop, relay, side);
	if (!relay->over)
		stall_note(loop, relay);
}

/* Moves the bytes that wait in their sender's socket. */
static void unblock(struct loop *loop, struct relay *relay, enum side side)
{
	uint64_t before = relay->moved[side];

	relay->blocked[side] = false;
	pump(loop, relay, side);
	if (relay->over)
		return;
	stall_note(loop, relay);
	stall_note_taken(loop, relay, (size_t)(relay->moved[side] - before));
}

/* Sends the rest of `to`, then reads for it again. */
static void drain(struct loop *loop, struct relay *relay, struct leg *to)
{
	enum side side = other_side(side_of(relay, to));
	size_t before = relay_waiting(relay, side);

	if (relay->blocked[side]) {
		unblock(loop, relay, side);
		return;
	}
	if (before == 0 || !relay_flush(loop, relay, side))
		return;
	size_t waiting = relay_waiting(relay, side);
	if (waiting < before)
		relay->active_ms = loop->now_ms;
	stall_note_taken(loop, relay, before - waiting);
	if (waiting > 0)
		return;
	stall_note(loop, relay);
	relay_pump(loop, relay, side);
}

void relay_pump_both(struct loop *loop, struct relay *relay)
{
	relay_pump(loop, relay, CLIENT);
	if (!relay->over)
		relay_pump(loop, relay, TARGET);
}

void relay_start(struct loop *loop, struct relay *relay, const struct bytes early[2])
{
	loop->now_ms = clock_ms();
	relay->active_ms = loop->now_ms;
	relay_arm(loop, relay);
	for (int side = CLIENT; side <= TARGET; side++) {
		if (relay->legs[side]->broken) {
			relay_reset(loop, relay, relay->legs[side], ECONNRESET);
			return;
		}
		if (relay->legs[side]->ended)
			relay_note_fin(loop, relay, relay->legs[side]);
		if (early[side].size > 0 && !relay_pass(loop, relay, (enum side)side, early[side].at, early[side].size))
			return;
	}
	relay_pump_both(loop, relay);
}

/* Whether the peer has reset. Asked only when epoll reports EPOLLERR. */
static int pending_error(const struct leg *leg)
{
	int error = 0;
	socklen_t size = sizeof error;

	getsockopt(leg->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return error;
}

void relay_event(struct loop *loop, struct leg *leg, uint32_t events)
{
	struct relay *relay = leg->relay;

	if (relay->over)
		return;
	relay->turns++;
	if (events & EPOLLERR) {
		int error = pending_error(leg);
		if (error != 0) {
			relay_reset(loop, relay, leg, error);
			return;
		}
	}
	if (events & EPOLLPRI)
		leg->urgent = true;
	if (events & (EPOLLRDHUP | EPOLLHUP))
		leg->hung_up = true;
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLPRI))
		leg->readable = true;
	if (events & EPOLLOUT)
		drain(loop, relay, leg);
	if (!relay->over && leg->readable)
		relay_pump(loop, relay, side_of(relay, leg));
}

void relay_continue(struct loop *loop)
{
	struct leg *ready = loop->ready;

	/* The list is taken as a whole: a leg that spends its budget again waits for the next call. */
	loop->ready = NULL;
	for (struct leg *leg = ready, *next; leg != NULL; leg = next) {
		next = leg->next;
		leg->queued = false;
		if (!leg->relay->over)
			relay_pump(loop, leg->relay, side_of(leg->relay, leg));
	}
}
