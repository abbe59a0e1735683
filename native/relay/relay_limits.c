/* The limits of a relay: silence and rate, which share one timer, and the stop, which has none. See relay.h and relay_end.h. */
#include "relay_end.h"

/* The limit of silence in force, the shorter of the two once one side has ended; 0 for none. */
static uint64_t limit_ms(const struct relay *relay)
{
	if (!relay->half_closed || relay->half_closed_ms == 0)
		return relay->idle_ms;
	if (relay->idle_ms == 0 || relay->half_closed_ms < relay->idle_ms)
		return relay->half_closed_ms;
	return relay->idle_ms;
}

static bool is_throttled(const struct relay *relay)
{
	return relay->throttled[CLIENT] || relay->throttled[TARGET];
}

size_t relay_stop_room(const struct relay *relay)
{
	uint64_t moved = atomic_load_explicit(&relay->moved[CLIENT], memory_order_relaxed) +
			 atomic_load_explicit(&relay->moved[TARGET], memory_order_relaxed);

	if (relay->stop == 0)
		return SIZE_MAX;
	if (moved >= relay->stop)
		return 0;
	return relay->stop - moved < SIZE_MAX ? (size_t)(relay->stop - moved) : SIZE_MAX;
}

/* When the first side that waits for its rate should be looked at again. */
static uint64_t fed_ms(const struct loop *loop, struct relay *relay)
{
	uint64_t wait_ms = UINT64_MAX;

	for (int side = CLIENT; side <= TARGET; side++) {
		uint64_t own_ms = relay->throttled[side] ? rate_wait_ms(&relay->rates[side], loop->now_ms) : UINT64_MAX;
		wait_ms = own_ms < wait_ms ? own_ms : wait_ms;
	}
	return loop->now_ms + wait_ms;
}

void relay_arm(struct loop *loop, struct relay *relay)
{
	uint64_t limit = limit_ms(relay);
	struct timer *timer = &relay->legs[CLIENT]->timer;

	/* A side that waits for its rate is not silent. */
	if (is_throttled(relay) && relay_stop_room(relay) == 0)
		timer_clear(timer);
	else if (is_throttled(relay))
		wheel_set(&loop->wheel, timer, loop->now_ms, fed_ms(loop, relay));
	else if (limit > 0)
		wheel_set(&loop->wheel, timer, loop->now_ms, relay->active_ms + limit);
	else
		timer_clear(timer);
}

/* Reads again as far as the limits in force allow. */
static void resume(struct loop *loop, struct relay *relay)
{
	relay->throttled[CLIENT] = relay->throttled[TARGET] = false;
	relay_pump_both(loop, relay);
	if (!relay->over)
		relay_arm(loop, relay);
}

void relay_set_rates(struct loop *loop, struct relay *relay, const uint32_t bytes_per_second[2])
{
	if (relay->over)
		return;
	for (int side = CLIENT; side <= TARGET; side++)
		rate_set(&relay->rates[side], bytes_per_second[side], loop->now_ms);
	resume(loop, relay);
}

void relay_set_stop(struct loop *loop, struct relay *relay, uint64_t stop)
{
	if (relay->over)
		return;
	relay->stop = stop;
	/* A relay that waited at its stop was not idle. */
	if (is_throttled(relay))
		relay->active_ms = loop->now_ms;
	resume(loop, relay);
}

/* Resumes the sides that have waited long enough for their rate. */
static void feed(struct loop *loop, struct relay *relay, enum side side)
{
	if (!relay->throttled[side] || relay_stop_room(relay) == 0 || rate_wait_ms(&relay->rates[side], loop->now_ms) > 0)
		return;
	relay->throttled[side] = false;
	relay_pump(loop, relay, side);
}

static bool is_silent(const struct loop *loop, const struct relay *relay)
{
	uint64_t limit = limit_ms(relay);

	return limit > 0 && !is_throttled(relay) && loop->now_ms - relay->active_ms >= limit;
}

/* A busy loop runs its timers before epoll has reported every socket: unread bytes in one are not silence. */
static void look_again(struct loop *loop, struct relay *relay)
{
	relay->legs[CLIENT]->readable = relay->legs[TARGET]->readable = true;
	relay_pump_both(loop, relay);
}

void relay_timeout(struct loop *loop, struct relay *relay)
{
	if (is_silent(loop, relay))
		look_again(loop, relay);
	if (relay->over)
		return;
	if (is_silent(loop, relay)) {
		bool half = relay->half_closed && limit_ms(relay) == relay->half_closed_ms;
		bool whole = !relay_is_stalled(relay);
		relay_end(loop, relay, half ? BY_HALF_CLOSED : BY_IDLE, whole ? CLOSE_FIN : CLOSE_RESET);
		return;
	}
	feed(loop, relay, CLIENT);
	if (!relay->over)
		feed(loop, relay, TARGET);
	if (!relay->over)
		relay_arm(loop, relay);
}
