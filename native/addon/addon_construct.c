/* The constructor of class Engine. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addon_binding.h"

#define MOST_WORKERS 256
#define MOST_SECONDS 32767

/* constructor(relayThreads, interface, mark, keepaliveSeconds, tos, fastOpen | freeBind << 1 | pipesAhead << 2, onBatch) */
static bool get_options(napi_env env, const napi_value *arguments, struct engine_options *engine)
{
	struct socket_options *options = &engine->outgoing;
	uint32_t tos = 0, flags = 0;

	memset(engine, 0, sizeof *engine);
	if (!addon_get_uint32(env, arguments[0], &engine->workers) ||
	    !addon_get_string(env, arguments[1], options->interface, sizeof options->interface) ||
	    !addon_get_uint32(env, arguments[2], &options->mark) ||
	    !addon_get_uint32(env, arguments[3], &options->keepalive_s) ||
	    !addon_get_uint32(env, arguments[4], &tos) || !addon_get_uint32(env, arguments[5], &flags))
		return false;
	bool in_range = engine->workers <= MOST_WORKERS && options->keepalive_s <= MOST_SECONDS && tos <= UINT8_MAX;
	if (!in_range)
		napi_throw_range_error(env, NULL, "engine option out of range");
	options->tos = (uint8_t)tos;
	options->fast_open = (flags & 1) != 0;
	options->free_bind = (flags & 2) != 0;
	engine->pipes_ahead = (flags & 4) != 0;
	return in_range;
}

static bool throw_errno(napi_env env, const char *what, int error)
{
	char text[128];

	snprintf(text, sizeof text, "%s: %s", what, strerror(error));
	napi_throw_error(env, NULL, text);
	return false;
}

static bool open_engine(napi_env env, struct binding *binding, napi_value self, const napi_value *arguments)
{
	struct engine_options options;
	napi_value memory = NULL;
	void *shared = NULL;
	int error = 0;

	if (!get_options(env, arguments, &options))
		return false;
	NAPI_TRY(env, napi_create_arraybuffer(env, sizeof(struct engine_shared), &shared, &memory), false);
	NAPI_TRY(env, napi_set_named_property(env, self, "memory", memory), false);
	binding->shared = shared;
	binding->engine = engine_open(&options, shared, &error);
	if (binding->engine == NULL)
		return throw_errno(env, "cannot start the engine", error);
	return binding_start(binding, self, memory, arguments[6]);
}

static napi_value construct(napi_env env, napi_callback_info info)
{
	napi_value arguments[7], self = NULL;
	size_t count = 7;

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, &self, NULL), NULL);
	struct binding *binding = calloc(1, sizeof *binding);
	if (binding == NULL) {
		throw_errno(env, "cannot start the engine", ENOMEM);
		return NULL;
	}
	binding->env = env;
	if (napi_wrap(env, self, binding, binding_finalize, NULL, NULL) != napi_ok) {
		addon_throw_if_quiet(env);
		free(binding);
		return NULL;
	}
	binding->holders = 1;
	if (!addon_engine_methods(env, self, binding) || !open_engine(env, binding, self, arguments)) {
		binding_close(binding);
		return NULL;
	}
	return self;
}

napi_value addon_engine_class(napi_env env)
{
	napi_value class = NULL;

	NAPI_TRY(env, napi_define_class(env, "Engine", NAPI_AUTO_LENGTH, construct, NULL, 0, NULL, &class), NULL);
	return class;
}
