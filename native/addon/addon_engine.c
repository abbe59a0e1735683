/*
 * The methods of class Engine: engine.h for JavaScript. Negative numbers are -errno; src/net/native/addon.ts declares
 * the methods and their results.
 */
#include <errno.h>
#include <string.h>

#include "addon_method.h"
#include "../unix/check.h"

/* Offset of a source address in the scratch memory, behind the longest address. */
#define SOURCE_AT ZONED_SIZE

/* Offset at which dial() leaves the port and family of the local end. */
#define LOCAL_AT (2 * ZONED_SIZE)

/* listen(address, with its zone where it has one, port, deferred: 0 | 1): handle */
static int32_t listen_call(struct binding *binding, const union argument *arguments)
{
	union address address;
	int status = address_make(&address, arguments[0].bytes.at, arguments[0].bytes.size, (uint16_t)arguments[1].number);

	if (status == 0)
		status = engine_listen(binding->engine, &address, arguments[2].number != 0);
	binding_refresh(binding);
	return status;
}

/* listenOn(descriptor, deferred: 0 | 1): handle */
static int32_t listen_on_call(struct binding *binding, const union argument *arguments)
{
	int status = engine_listen_on(binding->engine, (int)arguments[0].number, arguments[1].number != 0);

	binding_refresh(binding);
	return status;
}

/* listenUnix(descriptor, deferred: 0 | 1): handle */
static int32_t listen_unix_call(struct binding *binding, const union argument *arguments)
{
	int status = engine_listen_unix(binding->engine, (int)arguments[0].number, arguments[1].number != 0);

	binding_refresh(binding);
	return status;
}

/* descriptor(handle of a listener): its descriptor */
static int32_t descriptor_call(struct binding *binding, const union argument *arguments)
{
	return engine_descriptor(binding->engine, arguments[0].number);
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
 * dial(family, port, family of the source | 0, interface, mark): handle, -errno or see addon_status(). The address is at
 * the beginning of the scratch memory, that of the source at SOURCE_AT. The local end is left at LOCAL_AT: it is chosen
 * now, before the peer can see the connection.
 */
static int32_t dial_call(struct binding *binding, const union argument *arguments)
{
	uint32_t source = arguments[2].number;
	union address to, from;
	enum socket_option failed = OPTION_NONE;
	int status = scratch_address(binding, 0, arguments[0].number, arguments[1].number, &to);

	if (status == 0 && source != 0)
		status = scratch_address(binding, SOURCE_AT, source, 0, &from);
	if (status == 0)
		status = engine_dial(binding->engine, &to, source == 0 ? NULL : &from, &arguments[3].marks, &failed);
	binding_refresh(binding);
	if (status >= 0) {
		int32_t local = put_local(binding, (uint32_t)status);
		memcpy(binding->shared->scratch + LOCAL_AT, &local, sizeof local);
	}
	return addon_status(status, failed);
}

/*
 * departure(family, interface, mark): port | family << 16, -errno or see addon_status(). The target address is at the
 * beginning of the scratch memory, and is replaced by the local one.
 */
static int32_t departure_call(struct binding *binding, const union argument *arguments)
{
	union address to, local;
	enum socket_option failed = OPTION_NONE;
	int status = scratch_address(binding, 0, arguments[0].number, 0, &to);

	if (status == 0)
		status = engine_departure(binding->engine, &to, &arguments[1].marks, &failed, &local);
	return status == 0 ? put_endpoint(binding, &local) : addon_status(status, failed);
}

/* local(handle): port | family << 16, with the address in the scratch memory */
static int32_t local_call(struct binding *binding, const union argument *arguments)
{
	return put_local(binding, arguments[0].number);
}

/* read(handle): bytes in the scratch memory, 0 for FIN, -EAGAIN: a record will follow */
static int32_t read_call(struct binding *binding, const union argument *arguments)
{
	return engine_read(binding->engine, arguments[0].number);
}

/* write(handle, size): bytes that wait. The bytes to write are in the scratch memory. */
static int32_t write_call(struct binding *binding, const union argument *arguments)
{
	uint32_t size = arguments[1].number;

	if (size > sizeof binding->shared->scratch)
		return -EMSGSIZE;
	return engine_write(binding->engine, arguments[0].number, binding->shared->scratch, size);
}

/* finish(handle): 0 */
static int32_t finish_call(struct binding *binding, const union argument *arguments)
{
	return engine_finish(binding->engine, arguments[0].number);
}

/* detach(handle): its descriptor, which is the caller's from now on */
static int32_t detach_call(struct binding *binding, const union argument *arguments)
{
	int status = engine_detach(binding->engine, arguments[0].number);

	binding_refresh(binding);
	return status;
}

/* close(handle, how: 0 FIN | 1 RST): 0 */
static int32_t close_call(struct binding *binding, const union argument *arguments)
{
	int status = engine_close_leg(binding->engine, arguments[0].number, addon_close_how(&arguments[1]));

	binding_refresh(binding);
	return status;
}

/* setQuiet(count): how many handles keep no process alive */
static int32_t set_quiet_call(struct binding *binding, const union argument *arguments)
{
	binding->quiet = arguments[0].number;
	binding_refresh(binding);
	return 0;
}

/* destroy(): closes every socket; allowed twice */
static napi_value destroy_call(napi_env env, struct binding *binding)
{
	(void)env;
	binding_close(binding);
	return NULL;
}

static const struct method METHODS[] = {
	{ "listen", "buu", listen_call, NULL },
	{ "listenOn", "uu", listen_on_call, NULL },
	{ "listenUnix", "uu", listen_unix_call, NULL },
	{ "descriptor", "u", descriptor_call, NULL },
	{ "dial", "uuum", dial_call, NULL },
	{ "departure", "um", departure_call, NULL },
	{ "local", "u", local_call, NULL },
	{ "read", "u", read_call, NULL },
	{ "write", "uu", write_call, NULL },
	{ "finish", "u", finish_call, NULL },
	{ "close", "uu", close_call, NULL },
	{ "detach", "u", detach_call, NULL },
	{ "relay", "uuuuuuuUoo", addon_relay, NULL },
	{ "cut", "uu", addon_cut, NULL },
	{ "setRate", "uuu", addon_set_rate, NULL },
	{ "setStop", "uU", addon_set_stop, NULL },
	{ "progress", "u", addon_progress, NULL },
	{ "stalled", "", addon_stalled, NULL },
	{ "survey", "bu", addon_survey, NULL },
	{ "udpMemory", "", NULL, addon_udp_memory },
	{ "openUdp", "buum", addon_open_udp, NULL },
	{ "sendUdp", "u", addon_send_udp, NULL },
	{ "setQuiet", "u", set_quiet_call, NULL },
	{ "destroy", "", NULL, destroy_call },
};

bool addon_engine_methods(napi_env env, napi_value self, struct binding *binding)
{
	return addon_add_methods(env, self, binding, METHODS, sizeof METHODS / sizeof *METHODS);
}
