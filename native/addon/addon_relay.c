/* Relays for class Engine: engine.h for JavaScript. */
#include <string.h>

#include "addon_method.h"

/* relay(client, target, idleMs, halfClosedMs, rateUp, rateDown, lean: 0 | 1, stop, earlyUp, earlyDown): 0 */
int32_t addon_relay(struct binding *binding, const union argument *arguments)
{
	const struct relay_limits limits = {
		.idle_ms = arguments[2].number,
		.half_closed_ms = arguments[3].number,
		.bytes_per_second = { [CLIENT] = arguments[4].number, [TARGET] = arguments[5].number },
		.lean = arguments[6].number != 0,
		.stop = arguments[7].large,
	};
	const struct bytes early[2] = { [CLIENT] = arguments[8].bytes, [TARGET] = arguments[9].bytes };

	return engine_relay(binding->engine, arguments[0].number, arguments[1].number, limits, early);
}

/* cut(handle of the client's leg, how: 0 FIN | 1 RST): 0 */
int32_t addon_cut(struct binding *binding, const union argument *arguments)
{
	return engine_cut(binding->engine, arguments[0].number, addon_close_how(&arguments[1]));
}

/* setRate(handle of the client's leg, up, down): 0 */
int32_t addon_set_rate(struct binding *binding, const union argument *arguments)
{
	const uint32_t rates[2] = { [CLIENT] = arguments[1].number, [TARGET] = arguments[2].number };

	return engine_set_rates(binding->engine, arguments[0].number, rates);
}

/* setStop(handle of the client's leg, bytes): 0 */
int32_t addon_set_stop(struct binding *binding, const union argument *arguments)
{
	return engine_set_stop(binding->engine, arguments[0].number, arguments[1].large);
}

/* progress(handle of the client's leg): 0, with two doubles in the scratch memory */
int32_t addon_progress(struct binding *binding, const union argument *arguments)
{
	double moved[2] = { 0, 0 };
	int status = engine_progress(binding->engine, arguments[0].number, moved);

	memcpy(binding->shared->scratch, moved, sizeof moved);
	return status;
}

/* stalled(): relays with bytes that their receiver has not taken */
int32_t addon_stalled(struct binding *binding, const union argument *arguments)
{
	(void)arguments;
	return (int32_t)engine_stalled(binding->engine);
}

/* survey(room, tellAt): the number of `struct stalled` in `room` now */
int32_t addon_survey(struct binding *binding, const union argument *arguments)
{
	struct stalled *list = (struct stalled *)(uintptr_t)arguments[0].bytes.at;
	size_t room = arguments[0].bytes.size / sizeof *list;

	return (int32_t)engine_survey(binding->engine, list, room, arguments[1].number);
}
