/*
 * The class Delivery: constructor(), ask(address: Uint8Array, interface: string | undefined, mark: number): number,
 * close(): void. The constructor throws where the kernel cannot be asked.
 */
#include <stdlib.h>
#include <string.h>

#include "addon_binding.h"
#include "../unix/delivery.h"

static void finalize(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	delivery_close(data);
	free(data);
}

static napi_value construct(napi_env env, napi_callback_info info)
{
	napi_value self = NULL;
	struct delivery *delivery = malloc(sizeof *delivery);

	if (delivery == NULL || napi_get_cb_info(env, info, NULL, NULL, &self, NULL) != napi_ok) {
		free(delivery);
		addon_throw_if_quiet(env);
		return NULL;
	}
	int status = delivery_open(delivery);
	if (status < 0) {
		free(delivery);
		napi_throw_error(env, NULL, strerror(-status));
		return NULL;
	}
	if (napi_wrap(env, self, delivery, finalize, NULL, NULL) != napi_ok) {
		finalize(env, delivery, NULL);
		addon_throw_if_quiet(env);
		return NULL;
	}
	return self;
}

/* ask(address, interface, mark): 1 of this host, 0 not, -errno unknown */
static napi_value ask_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	const uint8_t *bytes = NULL;
	size_t size = 0;
	struct socket_marks marks;
	struct delivery *delivery = addon_get_call(env, info, arguments, 3);

	if (delivery == NULL || !addon_get_bytes(env, arguments[0], &bytes, &size) ||
	    !addon_get_marks(env, &arguments[1], &marks))
		return NULL;
	return addon_number(env, delivery_ask(delivery, bytes, size, &marks));
}

static napi_value close_call(napi_env env, napi_callback_info info)
{
	struct delivery *delivery = addon_get_call(env, info, NULL, 0);

	if (delivery != NULL)
		delivery_close(delivery);
	return NULL;
}

napi_value addon_delivery_class(napi_env env)
{
	const napi_property_descriptor methods[] = {
		{ .utf8name = "ask", .method = ask_call },
		{ .utf8name = "close", .method = close_call },
	};
	napi_value class = NULL;

	NAPI_TRY(env,
		 napi_define_class(env, "Delivery", NAPI_AUTO_LENGTH, construct, NULL, sizeof methods / sizeof *methods,
				   methods, &class),
		 NULL);
	return class;
}
