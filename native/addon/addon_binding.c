/* See addon_binding.h. */
#include "addon_binding.h"

#include <stdlib.h>
#include <string.h>

static void free_if_unused(struct binding *binding)
{
	if (binding->polling || binding->holders > 0)
		return;
	free(binding->methods);
	free(binding);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct binding *binding = handle->data;

	binding->polling = false;
	if (binding->cleanup != NULL)
		napi_remove_async_cleanup_hook(binding->cleanup);
	binding->cleanup = NULL;
	free_if_unused(binding);
}

static void drop_reference(napi_env env, napi_ref *reference)
{
	if (*reference != NULL)
		napi_delete_reference(env, *reference);
	*reference = NULL;
}

void binding_close(struct binding *binding)
{
	if (binding->engine == NULL)
		return;
	if (binding->polling) {
		uv_poll_stop(&binding->poll);
		uv_close((uv_handle_t *)&binding->poll, on_poll_closed);
	}
	engine_close(binding->engine);
	binding->engine = NULL;
	if (binding->async != NULL)
		napi_async_destroy(binding->env, binding->async);
	binding->async = NULL;
	drop_reference(binding->env, &binding->on_batch);
	drop_reference(binding->env, &binding->memory);
	drop_reference(binding->env, &binding->udp_memory);
	drop_reference(binding->env, &binding->self);
}

void binding_let_go(napi_env env, void *data, void *hint)
{
	struct binding *binding = data;

	(void)env;
	(void)hint;
	binding->holders--;
	free_if_unused(binding);
}

void binding_finalize(napi_env env, void *data, void *hint)
{
	binding_close(data);
	binding_let_go(env, data, hint);
}

static void on_environment_ends(napi_async_cleanup_hook_handle handle, void *data)
{
	struct binding *binding = data;

	(void)handle;
	/* If JavaScript has closed it, libuv is about to report that. */
	binding_close(binding);
}

bool addon_get_marks(napi_env env, const napi_value arguments[2], struct socket_marks *marks)
{
	napi_valuetype type = napi_undefined;

	memset(marks, 0, sizeof *marks);
	NAPI_TRY(env, napi_typeof(env, arguments[0], &type), false);
	return (type == napi_undefined ||
		addon_get_string(env, arguments[0], marks->interface, sizeof marks->interface)) &&
	       addon_get_uint32(env, arguments[1], &marks->mark);
}

void binding_refresh(struct binding *binding)
{
	if (binding->engine == NULL)
		return;
	if (engine_is_busy(binding->engine, binding->quiet))
		uv_ref((uv_handle_t *)&binding->poll);
	else
		uv_unref((uv_handle_t *)&binding->poll);
}

/* An exception that leaves the callback is uncaught, as from any other event. */
static void report_exception(napi_env env)
{
	napi_value exception = NULL;
	bool pending = false;

	napi_is_exception_pending(env, &pending);
	if (pending && napi_get_and_clear_last_exception(env, &exception) == napi_ok)
		napi_fatal_exception(env, exception);
}

static void call_javascript(struct binding *binding, int count)
{
	napi_env env = binding->env;
	napi_handle_scope scope;
	napi_value self = NULL, on_batch = NULL;

	if (napi_open_handle_scope(env, &scope) != napi_ok)
		return;
	napi_value argument = addon_number(env, count);
	if (napi_get_reference_value(env, binding->self, &self) == napi_ok &&
	    napi_get_reference_value(env, binding->on_batch, &on_batch) == napi_ok)
		napi_make_callback(env, binding->async, self, on_batch, 1, &argument, NULL);
	report_exception(env);
	napi_close_handle_scope(env, scope);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct binding *binding = poll->data;

	(void)status;
	(void)events;
	do {
		int count = engine_turn(binding->engine);
		if (count > 0)
			call_javascript(binding, count);
	} while (binding->engine != NULL && engine_has_more(binding->engine));
	binding_refresh(binding);
}

static bool start_polling(struct binding *binding)
{
	uv_loop_t *loop = NULL;

	if (napi_get_uv_event_loop(binding->env, &loop) != napi_ok ||
	    uv_poll_init(loop, &binding->poll, engine_poll_fd(binding->engine)) != 0)
		return false;
	binding->poll.data = binding;
	binding->polling = true;
	uv_unref((uv_handle_t *)&binding->poll);
	return uv_poll_start(&binding->poll, UV_READABLE, on_poll) == 0;
}

bool binding_start(struct binding *binding, napi_value self, napi_value memory, napi_value on_batch)
{
	napi_env env = binding->env;
	napi_value name = NULL;

	NAPI_TRY(env, napi_create_reference(env, self, 1, &binding->self), false);
	NAPI_TRY(env, napi_create_reference(env, memory, 1, &binding->memory), false);
	NAPI_TRY(env, napi_create_reference(env, on_batch, 1, &binding->on_batch), false);
	NAPI_TRY(env, napi_create_string_latin1(env, "picosocks5:engine", NAPI_AUTO_LENGTH, &name), false);
	NAPI_TRY(env, napi_async_init(env, self, name, &binding->async), false);
	NAPI_TRY(env, start_polling(binding) ? napi_ok : napi_generic_failure, false);
	/* Last, because on_poll_closed() removes the hook. */
	NAPI_TRY(env, napi_add_async_cleanup_hook(env, on_environment_ends, binding, &binding->cleanup), false);
	return true;
}
