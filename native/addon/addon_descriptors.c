/*
 * Descriptors for JavaScript (descriptors.h, renewal.h, the inspection of socket.h): functions of the module. Descriptors travel
 * as the bytes of an Int32Array.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "addon.h"
#include "../unix/descriptors.h"
#include "../relay/renewal.h"
#include "../unix/socket.h"

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
 * receiveDescriptors(socket, bytes: Uint8Array, descriptors: Uint8Array, sender: Uint8Array): size or -errno; in place of each
 * descriptor that did not come there is -1. `sender` gets pid and uid as two int32.
 */
static napi_value receive_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[4];
	size_t count = 4, size = 0, fds_size = 0, sender_size = 0;
	uint32_t socket = 0;
	const uint8_t *bytes = NULL, *fds_bytes = NULL, *sender = NULL;
	int fds[DESCRIPTORS_MOST];
	struct delivery delivery = { .fds = fds };

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL), NULL);
	if (!addon_get_uint32(env, arguments[0], &socket) || !addon_get_bytes(env, arguments[1], &bytes, &size) ||
	    !addon_get_bytes(env, arguments[2], &fds_bytes, &fds_size) ||
	    !addon_get_bytes(env, arguments[3], &sender, &sender_size))
		return NULL;
	NAPI_TRY(env, fds_size <= sizeof fds && sender_size == 8 ? napi_ok : napi_invalid_arg, NULL);
	memset(fds, 0xff, sizeof fds);
	delivery.count = fds_size / sizeof *fds;
	/* The memory belongs to the caller, who wants it written to. */
	int status = descriptors_receive((int)socket, (uint8_t *)(uintptr_t)bytes, size, &delivery);
	if (fds_size > 0)
		memcpy((uint8_t *)(uintptr_t)fds_bytes, fds, fds_size);
	memcpy((uint8_t *)(uintptr_t)sender, &delivery.pid, 4);
	memcpy((uint8_t *)(uintptr_t)sender + 4, &delivery.uid, 4);
	return addon_number(env, status);
}

/* unixName(socket): string or -errno */
static napi_value unix_name_call(napi_env env, napi_callback_info info)
{
	napi_value argument, name;
	size_t count = 1;
	uint32_t socket = 0;
	char text[PATH_SIZE];

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, &argument, NULL, NULL), NULL);
	if (!addon_get_uint32(env, argument, &socket))
		return NULL;
	int status = descriptors_unix_name((int)socket, text, sizeof text);
	if (status < 0)
		return addon_number(env, status);
	NAPI_TRY(env, napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &name), NULL);
	return name;
}

/* openUnixListener(path: string): descriptor or -errno */
static napi_value open_unix_call(napi_env env, napi_callback_info info)
{
	napi_value argument;
	size_t count = 1;
	char path[PATH_SIZE];

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, &argument, NULL, NULL), NULL);
	return addon_get_string(env, argument, path, sizeof path) ? addon_number(env, socket_listen_unix(path)) : NULL;
}

/* peerCredentials(socket, ids: Uint8Array of 12 bytes): 0 or -errno; pid, uid and gid as int32 */
static napi_value peer_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	size_t count = 2, size = 0;
	uint32_t socket = 0;
	const uint8_t *ids = NULL;
	struct socket_peer peer = { 0 };

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL), NULL);
	if (!addon_get_uint32(env, arguments[0], &socket) || !addon_get_bytes(env, arguments[1], &ids, &size))
		return NULL;
	NAPI_TRY(env, size == sizeof peer ? napi_ok : napi_invalid_arg, NULL);
	int status = socket_unix_peer((int)socket, &peer);
	/* The memory belongs to the caller, who wants it written to. */
	memcpy((uint8_t *)(uintptr_t)ids, &peer, sizeof peer);
	return addon_number(env, status);
}

/* Calls `work` with one descriptor and returns its result. */
static napi_value with_descriptor(napi_env env, napi_callback_info info, int (*work)(int))
{
	napi_value argument;
	size_t count = 1;
	uint32_t fd = 0;

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, &argument, NULL, NULL), NULL);
	return addon_get_uint32(env, argument, &fd) ? addon_number(env, work((int)fd)) : NULL;
}

/* renewListener(old): descriptor or -errno */
static napi_value renew_call(napi_env env, napi_callback_info info)
{
	return with_descriptor(env, info, renewal_prepare);
}

/* startListener(fresh): 0 or -errno */
static napi_value start_call(napi_env env, napi_callback_info info)
{
	return with_descriptor(env, info, renewal_start);
}

/* closeListenerOff(old): 0 or -errno */
static napi_value close_off_call(napi_env env, napi_callback_info info)
{
	return with_descriptor(env, info, renewal_close_off);
}

/* tryListener(address: Uint8Array, port, freeBind: 0 | 1): 0 or -errno */
static napi_value try_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	size_t count = 3, size = 0;
	const uint8_t *bytes = NULL;
	uint32_t port = 0, free_bind = 0;
	union address address;

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL), NULL);
	if (!addon_get_bytes(env, arguments[0], &bytes, &size) || !addon_get_uint32(env, arguments[1], &port) ||
	    !addon_get_uint32(env, arguments[2], &free_bind))
		return NULL;
	int status = address_make(&address, bytes, size, (uint16_t)port);
	return addon_number(env, status == 0 ? socket_try_listener(&address, free_bind != 0) : status);
}

/* openListener(address: Uint8Array, port, keepAliveSeconds, freeBind: 0 | 1): descriptor or -errno. Accepts no client. */
static napi_value open_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[4];
	size_t count = 4, size = 0;
	const uint8_t *bytes = NULL;
	uint32_t port = 0, keepalive_s = 0, free_bind = 0;
	union address address;

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL), NULL);
	if (!addon_get_bytes(env, arguments[0], &bytes, &size) || !addon_get_uint32(env, arguments[1], &port) ||
	    !addon_get_uint32(env, arguments[2], &keepalive_s) || !addon_get_uint32(env, arguments[3], &free_bind))
		return NULL;
	const struct socket_options options = { .keepalive_s = keepalive_s, .free_bind = free_bind != 0 };
	int status = address_make(&address, bytes, size, (uint16_t)port);
	return addon_number(env, status == 0 ? socket_listen(&address, true, &options) : status);
}

/* localAddress(socket, address: Uint8Array of ZONED_SIZE): port | family << 16, or -errno; the zone as the kernel numbers it */
static napi_value local_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	size_t count = 2, size = 0;
	uint32_t socket = 0;
	const uint8_t *bytes = NULL;
	union address address;

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL), NULL);
	if (!addon_get_uint32(env, arguments[0], &socket) || !addon_get_bytes(env, arguments[1], &bytes, &size))
		return NULL;
	NAPI_TRY(env, size == ZONED_SIZE ? napi_ok : napi_invalid_arg, NULL);
	int status = socket_local((int)socket, &address);
	if (status < 0)
		return addon_number(env, status);
	/* The memory belongs to the caller, who wants it written to. */
	uint8_t *out = (uint8_t *)(uintptr_t)bytes;
	if (address.any.sa_family == AF_INET) {
		memcpy(out, &address.v4.sin_addr, 4);
		return addon_number(env, ntohs(address.v4.sin_port) | 4 << 16);
	}
	if (address.any.sa_family != AF_INET6)
		return addon_number(env, -EAFNOSUPPORT);
	uint32_t zone = address_zone(&address);
	memcpy(out, &address.v6.sin6_addr, 16);
	memcpy(out + 16, &zone, sizeof zone);
	return addon_number(env, ntohs(address.v6.sin6_port) | 6 << 16);
}

bool addon_export_descriptors(napi_env env, napi_value exports)
{
	const napi_property_descriptor functions[] = {
		{ .utf8name = "connectUnix", .method = connect_call, .attributes = napi_enumerable },
		{ .utf8name = "sendDescriptors", .method = send_call, .attributes = napi_enumerable },
		{ .utf8name = "receiveDescriptors", .method = receive_call, .attributes = napi_enumerable },
		{ .utf8name = "unixName", .method = unix_name_call, .attributes = napi_enumerable },
		{ .utf8name = "openUnixListener", .method = open_unix_call, .attributes = napi_enumerable },
		{ .utf8name = "peerCredentials", .method = peer_call, .attributes = napi_enumerable },
		{ .utf8name = "renewListener", .method = renew_call, .attributes = napi_enumerable },
		{ .utf8name = "startListener", .method = start_call, .attributes = napi_enumerable },
		{ .utf8name = "closeListenerOff", .method = close_off_call, .attributes = napi_enumerable },
		{ .utf8name = "tryListener", .method = try_call, .attributes = napi_enumerable },
		{ .utf8name = "openListener", .method = open_call, .attributes = napi_enumerable },
		{ .utf8name = "localAddress", .method = local_call, .attributes = napi_enumerable },
	};

	NAPI_TRY(env, napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions), false);
	return true;
}
