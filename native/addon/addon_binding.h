/* An engine in a Node environment: its polling, its callback, and its end. */
#ifndef PICOSOCKS5_ADDON_BINDING_H
#define PICOSOCKS5_ADDON_BINDING_H

#include <uv.h>

#include "addon.h"
#include "../engine/engine.h"

struct bound_method;

/*
 * Lives until the JavaScript object and its methods are gone and libuv has released the poll handle. `engine` is NULL
 * once it is closed: by JavaScript, or at the end of the environment.
 */
struct binding {
	napi_env env;
	struct engine *engine;
	struct engine_shared *shared; /* bytes of `memory` */
	uv_poll_t poll;
	bool polling; /* libuv knows the handle */
	uint32_t quiet; /* handles that keep no process alive: listeners, where JavaScript says so */
	unsigned holders; /* the JavaScript object, and each of its methods */
	struct bound_method *methods; /* see addon_method.c */
	napi_ref self; /* strong while the engine is open */
	napi_ref memory;
	napi_ref udp_memory; /* NULL until there is UDP */
	napi_ref on_batch;
	napi_async_context async;
	napi_async_cleanup_hook_handle cleanup;
};

/* Result of a call that failed because of a socket option: -(errno + option * this); see addon_status(). */
#define OPTION_STEP 4096

/* Two arguments: interface (undefined for the common one) and mark (0). False with an exception pending. */
bool addon_get_marks(napi_env env, const napi_value arguments[2], struct socket_marks *marks);

/* Starts to poll the engine. `memory` and `on_batch` are kept. False with an exception pending. */
bool binding_start(struct binding *binding, napi_value self, napi_value memory, napi_value on_batch);

/* Closes the engine; allowed twice. */
void binding_close(struct binding *binding);

/* The JavaScript object is gone, or one of its methods. */
void binding_finalize(napi_env env, void *data, void *hint);
void binding_let_go(napi_env env, void *data, void *hint);

/* Gives the JavaScript object its methods. False with an exception pending. */
bool addon_engine_methods(napi_env env, napi_value self, struct binding *binding);

/* Keeps the process alive while there are sockets; call it after everything that can change that. */
void binding_refresh(struct binding *binding);

#endif
