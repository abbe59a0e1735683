/* The calls of JavaScript for relays, see engine.h. */
#include <errno.h>

#include "../unix/check.h"
#include "engine_state.h"

/* Relays that end between two turns are reported by the next one. */
static void report_soon(struct engine *engine)
{
	if (engine->loop.ended != NULL)
		wake(engine->post.wake_fd);
}

int engine_relay(struct engine *engine, uint32_t client, uint32_t target, struct relay_limits limits,
		 const struct bytes early[2])
{
	struct leg *legs[2];

	TRY(engine_find(engine, client, LEG_OPEN, &legs[CLIENT]));
	TRY(engine_find(engine, target, LEG_OPEN, &legs[TARGET]));
	if (client == target)
		return -EINVAL;
	struct relay *relay = relay_new(legs[CLIENT], legs[TARGET], limits);
	if (relay == NULL)
		return -ENOMEM;
	relay_start(&engine->loop, relay, early);
	engine_settle(engine, relay);
	engine_arm_timer(engine);
	report_soon(engine);
	return 0;
}

static int find_relay(const struct engine *engine, uint32_t client, struct relay **relay)
{
	struct leg *leg;

	TRY(engine_find(engine, client, LEG_RELAYED, &leg));
	*relay = leg->relay;
	return (*relay)->legs[CLIENT] == leg ? 0 : -EINVAL;
}

int engine_cut(struct engine *engine, uint32_t client, enum close_how how)
{
	struct relay *relay;

	TRY(find_relay(engine, client, &relay));
	if (relay->worker != NULL) {
		worker_cut(relay->worker, relay, how);
		return 0;
	}
	relay_end(&engine->loop, relay, BY_CUT, how);
	report_soon(engine);
	return 0;
}

int engine_set_rates(struct engine *engine, uint32_t client, const uint32_t bytes_per_second[2])
{
	struct relay *relay;

	TRY(find_relay(engine, client, &relay));
	if (relay->worker != NULL) {
		worker_set_rates(relay->worker, relay, bytes_per_second);
		return 0;
	}
	engine->loop.now_ms = clock_ms();
	relay_set_rates(&engine->loop, relay, bytes_per_second);
	engine_settle(engine, relay);
	engine_arm_timer(engine);
	report_soon(engine);
	return 0;
}

uint32_t engine_stalled(const struct engine *engine)
{
	return atomic_load_explicit(&engine->post.crowd.stalled, memory_order_relaxed);
}

static void tell_from(struct engine *engine, uint32_t tell_at)
{
	struct crowd *crowd = &engine->post.crowd;

	engine->crowd_told = tell_at == 0;
	atomic_store(&crowd->tell_at, tell_at);
	/* There may have been enough of them before `tell_at` was known. */
	if (tell_at != 0 && engine_stalled(engine) >= tell_at && atomic_compare_exchange_strong(&crowd->tell_at, &tell_at, 0))
		wake(crowd->wake_fd);
}

size_t engine_survey(struct engine *engine, struct stalled *list, size_t room, uint32_t tell_at)
{
	engine->loop.now_ms = clock_ms();
	stall_measure(&engine->loop);
	size_t count = stall_list(&engine->loop, list, room);
	for (unsigned at = 0; at < engine->worker_count; at++)
		count += worker_survey(engine->workers[at], list + count, room - count);
	tell_from(engine, tell_at);
	return count;
}

int engine_set_stop(struct engine *engine, uint32_t client, uint64_t stop)
{
	struct relay *relay;

	TRY(find_relay(engine, client, &relay));
	if (relay->worker != NULL) {
		worker_set_stop(relay->worker, relay, stop);
		return 0;
	}
	engine->loop.now_ms = clock_ms();
	relay_set_stop(&engine->loop, relay, stop);
	engine_settle(engine, relay);
	engine_arm_timer(engine);
	report_soon(engine);
	return 0;
}

int engine_progress(struct engine *engine, uint32_t client, double moved[2])
{
	struct relay *relay;

	TRY(find_relay(engine, client, &relay));
	for (int side = CLIENT; side <= TARGET; side++)
		moved[side] = (double)atomic_load_explicit(&relay->moved[side], memory_order_relaxed);
	return 0;
}
