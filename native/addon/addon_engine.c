/*
 * The methods of class Engine: engine.h for JavaScript. Negative numbers are -errno; src/net/native/addon.ts declares
 * the methods and their results.
 */
#include <errno.h>
#include <string.h>

#include "addon_binding.h"
#include "../unix/check.h"

/* Offset of a source address in the scratch memory, behind the longest address. */
#define SOURCE_AT ZONED_SIZE

/* Offset at which dial() leaves the port and family of the local end. */
#define LOCAL_AT (2 * ZONED_SIZE)

/* listen(address: Uint8Array, with its zone where it has one, port, deferred: 0 | 1): handle */
static napi_value listen_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	const uint8_t *bytes = NULL;
	size_t size = 0;
	uint32_t port = 0, deferred = 0;
	union address address;
	struct binding *binding = binding_of_call(env, info, arguments, 3);

	if (binding == NULL || !addon_get_bytes(env, arguments[0], &bytes, &size) ||
	    !addon_get_uint32(env, arguments[1], &port) || !addon_get_uint32(env, arguments[2], &deferred))
		return NULL;
	int status = address_make(&address, bytes, size, (uint16_t)port);
	if (status == 0)
		status = engine_listen(binding->engine, &address, deferred != 0);
	binding_refresh(binding);
	return addon_number(env, status);
}

/* listenOn(descriptor, deferred: 0 | 1): handle */
static napi_value listen_on_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	uint32_t fd = 0, deferred = 0;
	struct binding *binding = binding_of_call(env, info, arguments, 2);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &fd) ||
	    !addon_get_uint32(env, arguments[1], &deferred))
		return NULL;
	int status = engine_listen_on(binding->engine, (int)fd, deferred != 0);
	binding_refresh(binding);
	return addon_number(env, status);
}

/* descriptor(handle of a listener): its descriptor */
static napi_value descriptor_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[1];
	uint32_t handle = 0;
	struct binding *binding = binding_of_call(env, info, arguments, 1);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &handle))
		return NULL;
	return addon_number(env, engine_descriptor(binding->engine, handle));
}

/* The address of that family (4 or 6) and port whose bytes JavaScript has left in the scratch memory. */
static int scratch_address(const struct binding *binding, size_t at, uint32_t family, uint32_t port, union address *address)
{
	return address_make(address, binding->shared->scratch + at, family == 4 ? 4 : ZONED_SIZE, (uint16_t)port);
}

/* Leaves an endpoint in the scratch memory: the address first, then its zone. Returns port | family << 16. */
static int put_endpoint(const struct binding *binding, const union address *address)
{
	struct engine_record record = { 0 };

	engine_put_address(&record, address);
	memcpy(binding->shared->scratch, record.address, sizeof record.address);
	memcpy(binding->shared->scratch + sizeof record.address, &record.zone, sizeof record.zone);
	return record.port | record.family << 16;
}

/* The same with the local end, or -errno. */
static int put_local(const struct binding *binding, uint32_t handle)
{
	union address address;

	TRY(engine_local(binding->engine, handle, &address));
	return put_endpoint(binding, &address);
}

/*
 * dial(family, port, family of the source | 0, interface | undefined, mark): handle, -errno or see OPTION_STEP. The
 * address is at the beginning of the scratch memory, that of the source at SOURCE_AT. The local end is left at
 * LOCAL_AT: it is chosen now, before the peer can see the connection.
 */
static napi_value dial_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[5];
	uint32_t family = 0, port = 0, source = 0;
	union address to, from;
	struct socket_marks marks;
	enum socket_option failed = OPTION_NONE;
	struct binding *binding = binding_of_call(env, info, arguments, 5);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &family) ||
	    !addon_get_uint32(env, arguments[1], &port) || !addon_get_uint32(env, arguments[2], &source) ||
	    !addon_get_marks(env, &arguments[3], &marks))
		return NULL;
	int status = scratch_address(binding, 0, family, port, &to);
	if (status == 0 && source != 0)
		status = scratch_address(binding, SOURCE_AT, source, 0, &from);
	if (status == 0)
		status = engine_dial(binding->engine, &to, source == 0 ? NULL : &from, &marks, &failed);
	binding_refresh(binding);
	if (status >= 0) {
		int32_t local = put_local(binding, (uint32_t)status);
		memcpy(binding->shared->scratch + LOCAL_AT, &local, sizeof local);
	}
	return addon_number(env, status < 0 ? status - (int)failed * OPTION_STEP : status);
}

/*
 * departure(family, interface | undefined, mark): port | family << 16, -errno or see OPTION_STEP. The target address
 * is at the beginning of the scratch memory, and is replaced by the local one.
 */
static napi_value departure_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	uint32_t family = 0;
	union address to, local;
	struct socket_marks marks;
	enum socket_option failed = OPTION_NONE;
	struct binding *binding = binding_of_call(env, info, arguments, 3);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &family) ||
	    !addon_get_marks(env, &arguments[1], &marks))
		return NULL;
	int status = scratch_address(binding, 0, family, 0, &to);
	if (status == 0)
		status = engine_departure(binding->engine, &to, &marks, &failed, &local);
	if (status == 0)
		return addon_number(env, put_endpoint(binding, &local));
	return addon_number(env, status - (int)failed * OPTION_STEP);
}

/* local(handle): port | family << 16, with the address in the scratch memory */
static napi_value local_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[1];
	uint32_t handle = 0;
	struct binding *binding = binding_of_call(env, info, arguments, 1);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &handle))
		return NULL;
	return addon_number(env, put_local(binding, handle));
}

/* read(handle): bytes in the scratch memory, 0 for FIN, -EAGAIN: a record will follow */
static napi_value read_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[1];
	uint32_t handle = 0;
	struct binding *binding = binding_of_call(env, info, arguments, 1);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &handle))
		return NULL;
	return addon_number(env, engine_read(binding->engine, handle));
}

/* write(handle, size): bytes that wait. The bytes to write are in the scratch memory. */
static napi_value write_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	uint32_t handle = 0, size = 0;
	struct binding *binding = binding_of_call(env, info, arguments, 2);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &handle) ||
	    !addon_get_uint32(env, arguments[1], &size))
		return NULL;
	if (size > sizeof binding->shared->scratch)
		return addon_number(env, -EMSGSIZE);
	return addon_number(env, engine_write(binding->engine, handle, binding->shared->scratch, size));
}

/* finish(handle): 0 */
static napi_value finish_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[1];
	uint32_t handle = 0;
	struct binding *binding = binding_of_call(env, info, arguments, 1);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &handle))
		return NULL;
	return addon_number(env, engine_finish(binding->engine, handle));
}

/* close(handle, how: 0 FIN | 1 RST): 0 */
static napi_value close_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	uint32_t handle = 0, how = 0;
	struct binding *binding = binding_of_call(env, info, arguments, 2);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &handle) ||
	    !addon_get_uint32(env, arguments[1], &how))
		return NULL;
	int status = engine_close_leg(binding->engine, handle, how == 0 ? CLOSE_FIN : CLOSE_RESET);
	binding_refresh(binding);
	return addon_number(env, status);
}

/*
 * relay(client, target, idleMs, halfClosedMs, rateUp, rateDown, lean: 0 | 1, stop, earlyUp: Uint8Array | undefined, earlyDown): 0
 */
static napi_value relay_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[10];
	uint32_t client = 0, target = 0, lean = 0;
	struct relay_limits limits = { 0 };
	struct bytes early[2];
	struct binding *binding = binding_of_call(env, info, arguments, 10);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &client) ||
	    !addon_get_uint32(env, arguments[1], &target) || !addon_get_uint32(env, arguments[2], &limits.idle_ms) ||
	    !addon_get_uint32(env, arguments[3], &limits.half_closed_ms) ||
	    !addon_get_uint32(env, arguments[4], &limits.bytes_per_second[CLIENT]) ||
	    !addon_get_uint32(env, arguments[5], &limits.bytes_per_second[TARGET]) ||
	    !addon_get_uint32(env, arguments[6], &lean) ||
	    !addon_get_uint64(env, arguments[7], &limits.stop) ||
	    !addon_get_optional_bytes(env, arguments[8], &early[CLIENT].at, &early[CLIENT].size) ||
	    !addon_get_optional_bytes(env, arguments[9], &early[TARGET].at, &early[TARGET].size))
		return NULL;
	limits.lean = lean != 0;
	return addon_number(env, engine_relay(binding->engine, client, target, limits, early));
}

/* cut(handle of the client's leg, how: 0 FIN | 1 RST): 0 */
static napi_value cut_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	uint32_t handle = 0, how = 0;
	struct binding *binding = binding_of_call(env, info, arguments, 2);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &handle) ||
	    !addon_get_uint32(env, arguments[1], &how))
		return NULL;
	return addon_number(env, engine_cut(binding->engine, handle, how == 0 ? CLOSE_FIN : CLOSE_RESET));
}

/* setRate(handle of the client's leg, up, down): 0 */
static napi_value set_rate_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	uint32_t handle = 0, rates[2] = { 0, 0 };
	struct binding *binding = binding_of_call(env, info, arguments, 3);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &handle) ||
	    !addon_get_uint32(env, arguments[1], &rates[CLIENT]) || !addon_get_uint32(env, arguments[2], &rates[TARGET]))
		return NULL;
	return addon_number(env, engine_set_rates(binding->engine, handle, rates));
}

/* stalled(): relays with bytes that their receiver has not taken */
static napi_value stalled_call(napi_env env, napi_callback_info info)
{
	struct binding *binding = binding_of_call(env, info, NULL, 0);

	return binding == NULL ? NULL : addon_number(env, (int32_t)engine_stalled(binding->engine));
}

/* survey(room: Uint8Array, tellAt): the number of `struct stalled` in `room` now */
static napi_value survey_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	const uint8_t *bytes = NULL;
	size_t size = 0;
	uint32_t tell_at = 0;
	struct binding *binding = binding_of_call(env, info, arguments, 2);

	if (binding == NULL || !addon_get_bytes(env, arguments[0], &bytes, &size) ||
	    !addon_get_uint32(env, arguments[1], &tell_at))
		return NULL;
	struct stalled *list = (struct stalled *)(uintptr_t)bytes;
	size_t count = engine_survey(binding->engine, list, size / sizeof *list, tell_at);
	return addon_number(env, (int32_t)count);
}

/* setStop(handle of the client's leg, bytes): 0 */
static napi_value set_stop_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	uint32_t handle = 0;
	uint64_t stop = 0;
	struct binding *binding = binding_of_call(env, info, arguments, 2);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &handle) ||
	    !addon_get_uint64(env, arguments[1], &stop))
		return NULL;
	return addon_number(env, engine_set_stop(binding->engine, handle, stop));
}

/* progress(handle of the client's leg): 0, with two doubles in the scratch memory */
static napi_value progress_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[1];
	uint32_t handle = 0;
	double moved[2] = { 0, 0 };
	struct binding *binding = binding_of_call(env, info, arguments, 1);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &handle))
		return NULL;
	int status = engine_progress(binding->engine, handle, moved);
	memcpy(binding->shared->scratch, moved, sizeof moved);
	return addon_number(env, status);
}

/* setQuiet(count): how many handles keep no process alive */
static napi_value set_quiet_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[1];
	struct binding *binding = binding_of_call(env, info, arguments, 1);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &binding->quiet))
		return NULL;
	binding_refresh(binding);
	return NULL;
}

/* destroy(): closes every socket; allowed twice */
static napi_value destroy_call(napi_env env, napi_callback_info info)
{
	void *binding = NULL;

	NAPI_TRY(env, napi_get_cb_info(env, info, NULL, NULL, NULL, &binding), NULL);
	binding_close(binding);
	return NULL;
}

static const struct {
	const char *name;
	napi_callback call;
} METHODS[] = {
	{ "listen", listen_call },
	{ "listenOn", listen_on_call },
	{ "descriptor", descriptor_call },
	{ "dial", dial_call },
	{ "departure", departure_call },
	{ "local", local_call },
	{ "read", read_call },
	{ "write", write_call },
	{ "finish", finish_call },
	{ "close", close_call },
	{ "relay", relay_call },
	{ "cut", cut_call },
	{ "setRate", set_rate_call },
	{ "setStop", set_stop_call },
	{ "progress", progress_call },
	{ "stalled", stalled_call },
	{ "survey", survey_call },
	{ "udpMemory", addon_udp_memory },
	{ "openUdp", addon_open_udp },
	{ "sendUdp", addon_send_udp },
	{ "setQuiet", set_quiet_call },
	{ "destroy", destroy_call },
};

bool addon_engine_methods(napi_env env, napi_value self, struct binding *binding)
{
	for (size_t at = 0; at < sizeof METHODS / sizeof *METHODS; at++) {
		napi_value method = NULL;

		NAPI_TRY(env,
			 napi_create_function(env, METHODS[at].name, NAPI_AUTO_LENGTH, METHODS[at].call, binding, &method),
			 false);
		NAPI_TRY(env, napi_add_finalizer(env, method, binding, binding_let_go, NULL, NULL), false);
		binding->holders++;
		NAPI_TRY(env, napi_set_named_property(env, self, METHODS[at].name, method), false);
	}
	return true;
}
