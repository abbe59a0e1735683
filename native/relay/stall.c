/* See stall.h. */
#include "stall.h"

#include <linux/sock_diag.h>
#include <sys/socket.h>

#include "relay_end.h"
#include "worker.h"

#define MEASURE_AGAIN_MS 200

static void unlink_stalled(struct stalls *stalls, struct relay *relay)
{
	struct stall *stall = &relay->stall;

	*(stall->previous == NULL ? &stalls->first : &stall->previous->stall.next) = stall->next;
	*(stall->next == NULL ? &stalls->last : &stall->next->stall.previous) = stall->previous;
}

static void append(struct loop *loop, struct relay *relay)
{
	struct stalls *stalls = &loop->stalls;

	relay->stall.since_ms = loop->now_ms;
	relay->stall.taken = 0;
	relay->stall.next = NULL;
	relay->stall.previous = stalls->last;
	*(stalls->last == NULL ? &stalls->first : &stalls->last->stall.next) = relay;
	stalls->last = relay;
}

/* Adds one. The watcher is told once, and then sets the number worth the next report. */
static void count_up(struct crowd *crowd)
{
	uint32_t count = atomic_fetch_add_explicit(&crowd->stalled, 1, memory_order_relaxed) + 1;
	uint32_t tell_at = atomic_load_explicit(&crowd->tell_at, memory_order_relaxed);

	if (tell_at != 0 && count >= tell_at && atomic_compare_exchange_strong(&crowd->tell_at, &tell_at, 0))
		wake(crowd->wake_fd);
}

void stall_note(struct loop *loop, struct relay *relay)
{
	bool waits = relay_is_stalled(relay);

	if (waits == relay->stall.listed)
		return;
	if (!waits) {
		stall_strike(loop, relay);
		return;
	}
	relay->stall.listed = true;
	relay->stall.measured_ms = 0;
	append(loop, relay);
	loop->stalls.count++;
	count_up(loop->stalls.crowd);
}

void stall_note_taken(struct loop *loop, struct relay *relay, size_t bytes)
{
	if (!relay->stall.listed)
		return;
	relay->stall.taken += bytes;
	if (relay->stall.taken < STALL_TURNOVER)
		return;
	unlink_stalled(&loop->stalls, relay);
	append(loop, relay);
}

void stall_strike(struct loop *loop, struct relay *relay)
{
	if (!relay->stall.listed)
		return;
	relay->stall.listed = false;
	unlink_stalled(&loop->stalls, relay);
	loop->stalls.count--;
	atomic_fetch_sub_explicit(&loop->stalls.crowd->stalled, 1, memory_order_relaxed);
}

/*
 * The memory that the kernel holds for one socket, bookkeeping included, and the part of it that waits to be sent
 * (SO_MEMINFO, Linux 4.12).
 */
static size_t ask_kernel(const struct leg *leg, size_t *queued)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof info;

	*queued = 0;
	if (getsockopt(leg->fd, SOL_SOCKET, SO_MEMINFO, info, &size) < 0)
		return 0;
	*queued = info[SK_MEMINFO_WMEM_QUEUED];
	return (size_t)info[SK_MEMINFO_RMEM_ALLOC] + info[SK_MEMINFO_WMEM_QUEUED] + info[SK_MEMINFO_FWD_ALLOC];
}

/* If the send buffer towards a receiver has shrunk since the last look, the receiver reads, however slowly. */
static void measure(struct loop *loop, struct relay *relay)
{
	struct stall *stall = &relay->stall;
	size_t before = stall->measured_ms == 0 ? 0 : stall->queued_bytes;
	size_t queued;

	stall->measured_ms = loop->now_ms;
	stall->kernel_bytes = stall->queued_bytes = 0;
	for (enum side side = CLIENT; side <= TARGET; side++) {
		stall->kernel_bytes += ask_kernel(relay->legs[other_side(side)], &queued);
		if (relay_side_is_stalled(relay, side))
			stall->queued_bytes += queued;
	}
	if (stall->queued_bytes < before)
		stall_note_taken(loop, relay, before - stall->queued_bytes);
}

void stall_measure(struct loop *loop)
{
	/* Relays that meanwhile move to the end of the list have been measured already, and end the walk there. */
	for (struct relay *relay = loop->stalls.first, *next; relay != NULL; relay = next) {
		next = relay->stall.next;
		if (loop->now_ms - relay->stall.measured_ms >= MEASURE_AGAIN_MS)
			measure(loop, relay);
	}
}

size_t stall_list(const struct loop *loop, struct stalled *list, size_t room)
{
	size_t count = 0;

	for (const struct relay *relay = loop->stalls.first; relay != NULL && count < room; relay = relay->stall.next) {
		size_t here = relay_waiting(relay, CLIENT) + relay_waiting(relay, TARGET);
		list[count++] = (struct stalled){
			.handle = relay->legs[CLIENT]->handle,
			.held_kib = (uint32_t)((relay->stall.kernel_bytes + here) / 1024),
			.age_ms = (uint32_t)(loop->now_ms - relay->stall.since_ms),
		};
	}
	return count;
}
