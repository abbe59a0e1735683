/*
 * The relay of two legs: bytes, FIN, RST and urgent bytes from each to the other, with limits of time, memory and
 * rate. It runs on a loop: the engine's own while it is young, a relay thread's once it carries much.
 */
#ifndef PICOSOCKS5_RELAY_H
#define PICOSOCKS5_RELAY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../leg/leg.h"
#include "pipes.h"
#include "../leg/rate.h"
#include "stall.h"

enum side { CLIENT, TARGET };

static inline enum side other_side(enum side side)
{
	return side == CLIENT ? TARGET : CLIENT;
}

/* Why a relay ended; the order is that of ENDINGS in enginebatch.ts. */
enum relay_ending {
	BY_CLIENT_FIN,
	BY_TARGET_FIN,
	BY_CLIENT_RESET,
	BY_TARGET_RESET,
	BY_IDLE,
	BY_HALF_CLOSED,
	BY_CUT,
};

enum close_how { CLOSE_FIN, CLOSE_RESET };

/* 0 switches a limit off. */
struct relay_limits {
	uint32_t idle_ms;
	uint32_t half_closed_ms;
	uint32_t bytes_per_second[2]; /* read from each side, to begin with */
	bool lean; /* small socket buffers, and nothing waits here */
	uint64_t stop; /* bytes of both sides together, to begin with, beyond which neither is read */
};

struct bytes {
	const uint8_t *at;
	size_t size;
};

/* Where relays run. Only its own thread touches it. */
struct loop {
	int epoll;
	uint8_t *buffer;
	size_t buffer_size;
	struct ledger *ledger; /* of the engine */
	size_t budget; /* bytes that one direction may move before others have their turn */
	uint64_t now_ms;
	struct pipes *pipes; /* NULL where nothing is spliced */
	struct wheel wheel;
	struct stalls stalls;
	struct leg *ready; /* legs that spent their budget */
	struct relay *ended; /* to be reported, then freed by the engine */
};

struct worker;

/* Requests of the engine to a relay on a relay thread. No bits: guarded by the worker's lock. */
struct wish {
	bool cut;
	uint8_t cut_how; /* enum close_how */
	bool new_rates;
	uint32_t rates[2]; /* bytes per second */
	bool new_stop;
	uint64_t stop;
};

struct relay {
	struct leg *legs[2]; /* by enum side */
	struct worker *worker; /* NULL while on the engine's loop. Written by the engine's thread only */
	_Atomic uint64_t moved[2]; /* bytes read from each side */
	uint64_t active_ms; /* last sign of life */
	uint32_t idle_ms, half_closed_ms; /* limits */
	struct rate rates[2]; /* of what is read from each side */
	uint64_t stop; /* bytes of both sides together beyond which neither is read; 0: none */
	struct pipe *pipes[2]; /* what was read from each side waits in it for the other one; NULL: nothing does */
	struct relay *next; /* ended list of a loop or of the engine */
	uint16_t turns; /* wake-ups on the engine's loop so far */
	int16_t error; /* errno of a reset */
	uint8_t ending; /* enum relay_ending: the first FIN, or the end */
	bool half_closed : 1; /* one side has ended, and `ending` says which */
	bool over : 1;
	bool adopted : 1; /* by its worker */
	uint8_t much[2]; /* how often in a row much was read from each side */
	bool throttled[2]; /* a side that is not read until its timer says so, or its rate is changed */
	bool blocked[2]; /* a side that is not read until the other one takes bytes: nothing may wait here */
	bool lean; /* as in its limits */
	struct stall stall;
	/* Guarded by the worker's lock, so no bits. */
	bool mailed; /* is on the worker's mail list */
	bool gone; /* was given back to the engine */
	struct wish wish;
	struct relay *mail_next;
};

/* A relay of two open legs, which it marks as its own; NULL when there is no memory. */
struct relay *relay_new(struct leg *client, struct leg *target, struct relay_limits limits);

/*
 * Starts with the bytes that were read from each leg already, and what else is there. All functions below may end
 * the relay (`over`, on loop->ended).
 */
void relay_start(struct loop *loop, struct relay *relay, const struct bytes early[2]);

/* Handles epoll's `events` for a leg. */
void relay_event(struct loop *loop, struct leg *leg, uint32_t events);

/* Gives each leg that was on the ready list at the time of the call another turn. */
void relay_continue(struct loop *loop);

/* Handles a timer that wheel_pop() gave. */
void relay_timeout(struct loop *loop, struct relay *relay);

/*
 * Bytes per second that may be read from each side from now on, 0 for no limit; what waited for its rate goes on at
 * once as far as the new one allows. Does nothing when it is over.
 */
void relay_set_rates(struct loop *loop, struct relay *relay, const uint32_t bytes_per_second[2]);

/*
 * Bytes of both sides together, counted from the start, beyond which nothing is read until there is another stop; 0 for none.
 * What was read before the relay passes in any case. Does nothing when it is over.
 */
void relay_set_stop(struct loop *loop, struct relay *relay, uint64_t stop);

/* Ends both legs at once. Does nothing when it is over. */
void relay_end(struct loop *loop, struct relay *relay, enum relay_ending ending, enum close_how how);

/* Whether it has shown that it is worth a relay thread. */
bool relay_is_busy(const struct relay *relay);

/* Takes it off the lists and counts of a loop, to be put on another with relay_adopt(). */
void relay_detach(struct loop *loop, struct relay *relay);

/* 0 or -errno. */
int relay_adopt(struct loop *loop, struct relay *relay);

#endif
