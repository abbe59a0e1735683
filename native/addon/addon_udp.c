/* UDP for class Engine: engine_udp.h for JavaScript. Negative numbers are -errno, as in addon_engine.c. */
#include <errno.h>

#include "addon_binding.h"
#include "../engine/engine_udp.h"

static bool throw_status(napi_env env, int status)
{
	if (status < 0)
		napi_throw_error(env, NULL, status == -ENOMEM ? "no memory for UDP" : "UDP has its memory already");
	return status == 0;
}

napi_value addon_udp_memory(napi_env env, napi_callback_info info)
{
	napi_value memory = NULL;
	void *shared = NULL;
	struct binding *binding = binding_of_call(env, info, NULL, 0);

	if (binding == NULL)
		return NULL;
	NAPI_TRY(env, napi_create_arraybuffer(env, sizeof(struct udp_shared), &shared, &memory), NULL);
	if (!throw_status(env, engine_use_udp(binding->engine, shared)))
		return NULL;
	if (napi_create_reference(env, memory, 1, &binding->udp_memory) == napi_ok)
		return memory;
	/* The engine would be left with memory that may be freed at any time. */
	binding_close(binding);
	addon_throw_if_quiet(env);
	return NULL;
}

napi_value addon_open_udp(napi_env env, napi_callback_info info)
{
	napi_value arguments[5];
	const uint8_t *bytes = NULL;
	size_t size = 0;
	uint32_t port = 0, side = 0;
	union address address;
	struct socket_marks marks;
	enum socket_option failed = OPTION_NONE;
	struct binding *binding = binding_of_call(env, info, arguments, 5);

	if (binding == NULL || !addon_get_bytes(env, arguments[0], &bytes, &size) ||
	    !addon_get_uint32(env, arguments[1], &port) || !addon_get_uint32(env, arguments[2], &side) ||
	    !addon_get_marks(env, &arguments[3], &marks))
		return NULL;
	int status = address_make(&address, bytes, size, (uint16_t)port);
	if (status == 0)
		status = engine_open_udp(binding->engine, &address, side == 0 ? UDP_CLIENT : UDP_OUTSIDE, &marks, &failed);
	binding_refresh(binding);
	return addon_number(env, status < 0 ? status - (int)failed * OPTION_STEP : status);
}

napi_value addon_send_udp(napi_env env, napi_callback_info info)
{
	napi_value arguments[1];
	uint32_t count = 0;
	struct binding *binding = binding_of_call(env, info, arguments, 1);

	if (binding == NULL || !addon_get_uint32(env, arguments[0], &count))
		return NULL;
	return addon_number(env, engine_send_udp(binding->engine, count));
}
