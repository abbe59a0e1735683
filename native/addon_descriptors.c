/* descriptors.h for JavaScript: functions of the module. Descriptors travel as the bytes of an Int32Array. */
#include <string.h>

#include "addon.h"
#include "descriptors.h"

#define PATH_SIZE 128

/* connectUnix(path: string, timeoutMs): descriptor or -errno */
static napi_value connect_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	size_t count = 2;
	char path[PATH_SIZE];
	uint32_t timeout_ms = 0;

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL), NULL);
	if (!addon_get_string(env, arguments[0], path, sizeof path) ||
	    !addon_get_uint32(env, arguments[1], &timeout_ms))
		return NULL;
	return addon_number(env, descriptors_connect(path, timeout_ms));
}

/* sendDescriptors(socket, bytes: Uint8Array, descriptors: Uint8Array): bytes sent or -errno */
static napi_value send_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	size_t count = 3, size = 0, fds_size = 0;
	uint32_t socket = 0;
	const uint8_t *bytes = NULL, *fds_bytes = NULL;
	int fds[DESCRIPTORS_MOST];

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL), NULL);
	if (!addon_get_uint32(env, arguments[0], &socket) || !addon_get_bytes(env, arguments[1], &bytes, &size) ||
	    !addon_get_bytes(env, arguments[2], &fds_bytes, &fds_size))
		return NULL;
	NAPI_TRY(env, fds_size <= sizeof fds ? napi_ok : napi_invalid_arg, NULL);
	if (fds_size > 0)
		memcpy(fds, fds_bytes, fds_size);
	return addon_number(env, descriptors_send((int)socket, bytes, size, fds, fds_size / sizeof *fds));
}

/*
 * receiveDescriptors(socket, bytes: Uint8Array, descriptors: Uint8Array): size or -errno; in place of each descriptor
 * that did not come there is -1.
 */
static napi_value receive_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	size_t count = 3, size = 0, fds_size = 0, taken;
	uint32_t socket = 0;
	const uint8_t *bytes = NULL, *fds_bytes = NULL;
	int fds[DESCRIPTORS_MOST];

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL), NULL);
	if (!addon_get_uint32(env, arguments[0], &socket) || !addon_get_bytes(env, arguments[1], &bytes, &size) ||
	    !addon_get_bytes(env, arguments[2], &fds_bytes, &fds_size))
		return NULL;
	NAPI_TRY(env, fds_size <= sizeof fds ? napi_ok : napi_invalid_arg, NULL);
	memset(fds, 0xff, sizeof fds);
	taken = fds_size / sizeof *fds;
	/* The memory is the caller's, who gave it to be written to. */
	int status = descriptors_receive((int)socket, (uint8_t *)(uintptr_t)bytes, size, fds, &taken);
	if (fds_size > 0)
		memcpy((uint8_t *)(uintptr_t)fds_bytes, fds, fds_size);
	return addon_number(env, status);
}

bool addon_export_descriptors(napi_env env, napi_value exports)
{
	const napi_property_descriptor functions[] = {
		{ .utf8name = "connectUnix", .method = connect_call, .attributes = napi_enumerable },
		{ .utf8name = "sendDescriptors", .method = send_call, .attributes = napi_enumerable },
		{ .utf8name = "receiveDescriptors", .method = receive_call, .attributes = napi_enumerable },
	};

	NAPI_TRY(env, napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions), false);
	return true;
}
