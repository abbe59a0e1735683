/* The class DatagramSocket: constructor(path: string), send(bytes: Uint8Array): 0 | 1 | 2, close(): void. */
#include <stdlib.h>

#include "addon.h"
#include "../unix/datagram.h"

static void finalize(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	datagram_close(data);
	free(data);
}

static napi_value construct(napi_env env, napi_callback_info info)
{
	char path[sizeof(struct sockaddr_un)];
	napi_value arguments[1], self = NULL;
	size_t count = 1;

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, &self, NULL), NULL);
	if (!addon_get_string(env, arguments[0], path, sizeof path))
		return NULL;
	struct datagram *datagram = malloc(sizeof *datagram);
	if (datagram == NULL || datagram_open(datagram, path) < 0) {
		free(datagram);
		napi_throw_error(env, NULL, "cannot open a Unix datagram socket");
		return NULL;
	}
	if (napi_wrap(env, self, datagram, finalize, NULL, NULL) != napi_ok) {
		finalize(env, datagram, NULL);
		addon_throw_if_quiet(env);
		return NULL;
	}
	return self;
}

static napi_value send_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[1];
	const uint8_t *bytes = NULL;
	size_t size = 0;
	struct datagram *datagram = addon_get_call(env, info, arguments, 1);

	if (datagram == NULL || !addon_get_bytes(env, arguments[0], &bytes, &size))
		return NULL;
	return addon_number(env, datagram_send(datagram, bytes, size));
}

static napi_value close_call(napi_env env, napi_callback_info info)
{
	struct datagram *datagram = addon_get_call(env, info, NULL, 0);

	if (datagram != NULL)
		datagram_close(datagram);
	return NULL;
}

napi_value addon_datagram_class(napi_env env)
{
	const napi_property_descriptor methods[] = {
		{ .utf8name = "send", .method = send_call },
		{ .utf8name = "close", .method = close_call },
	};
	napi_value class = NULL;

	NAPI_TRY(env,
		 napi_define_class(env, "DatagramSocket", NAPI_AUTO_LENGTH, construct, NULL,
				   sizeof methods / sizeof *methods, methods, &class),
		 NULL);
	return class;
}
