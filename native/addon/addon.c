/* The module: its exports, crypt(), chroot(), and the conversions of addon.h. */
#include "addon.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unix/crypt_hash.h"

#define PASSWORD_SIZE 1024
#define HASH_SIZE 512

void addon_throw_if_quiet(napi_env env)
{
	bool pending = false;

	napi_is_exception_pending(env, &pending);
	if (!pending)
		napi_throw_type_error(env, NULL, "native addon: argument of the wrong type");
}

napi_value addon_number(napi_env env, int32_t number)
{
	napi_value value = NULL;

	napi_create_int32(env, number, &value);
	return value;
}

bool addon_get_uint32(napi_env env, napi_value value, uint32_t *number)
{
	NAPI_TRY(env, napi_get_value_uint32(env, value, number), false);
	return true;
}

bool addon_get_uint64(napi_env env, napi_value value, uint64_t *number)
{
	int64_t whole = 0;

	NAPI_TRY(env, napi_get_value_int64(env, value, &whole), false);
	*number = whole < 0 ? 0 : (uint64_t)whole;
	return true;
}

bool addon_get_bytes(napi_env env, napi_value value, const uint8_t **bytes, size_t *size)
{
	napi_typedarray_type type;
	void *data = NULL;

	NAPI_TRY(env, napi_get_typedarray_info(env, value, &type, size, &data, NULL, NULL), false);
	NAPI_TRY(env, type == napi_uint8_array ? napi_ok : napi_invalid_arg, false);
	*bytes = data;
	return true;
}

bool addon_get_optional_bytes(napi_env env, napi_value value, const uint8_t **bytes, size_t *size)
{
	napi_valuetype type = napi_undefined;

	*bytes = NULL;
	*size = 0;
	NAPI_TRY(env, napi_typeof(env, value, &type), false);
	return type == napi_undefined || addon_get_bytes(env, value, bytes, size);
}

bool addon_get_string(napi_env env, napi_value value, char *text, size_t text_size)
{
	size_t whole = 0;
	size_t size = 0;

	NAPI_TRY(env, napi_get_value_string_utf8(env, value, NULL, 0, &whole), false);
	NAPI_TRY(env, whole < text_size ? napi_ok : napi_invalid_arg, false);
	NAPI_TRY(env, napi_get_value_string_utf8(env, value, text, text_size, &size), false);
	NAPI_TRY(env, strlen(text) == whole ? napi_ok : napi_invalid_arg, false);
	return true;
}

void *addon_get_call(napi_env env, napi_callback_info info, napi_value *arguments, size_t count)
{
	napi_value self = NULL;
	void *object = NULL;

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, &self, NULL), NULL);
	NAPI_TRY(env, napi_unwrap(env, self, &object), NULL);
	return object;
}

/* crypt(password: Uint8Array, setting: string): string | null */
static napi_value crypt_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[2], result = NULL;
	size_t count = 2, size = 0;
	const uint8_t *bytes = NULL;
	char password[PASSWORD_SIZE], setting[HASH_SIZE], hash[HASH_SIZE];

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL), NULL);
	if (!addon_get_bytes(env, arguments[0], &bytes, &size) ||
	    !addon_get_string(env, arguments[1], setting, sizeof setting))
		return NULL;
	NAPI_TRY(env, napi_get_null(env, &result), NULL);
	if (size >= sizeof password || (size > 0 && memchr(bytes, '\0', size) != NULL))
		return result;
	if (size > 0)
		memcpy(password, bytes, size);
	password[size] = '\0';
	int status = crypt_hash(password, setting, hash, sizeof hash);
	explicit_bzero(password, sizeof password);
	if (status == 0)
		NAPI_TRY(env, napi_create_string_latin1(env, hash, NAPI_AUTO_LENGTH, &result), NULL);
	return result;
}

/* chroot(directory: string): 0 or -errno; chdir(2) into it first, as chroot(2) advises. */
static napi_value chroot_call(napi_env env, napi_callback_info info)
{
	napi_value argument = NULL;
	size_t count = 1;
	char directory[PATH_MAX];

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, &argument, NULL, NULL), NULL);
	if (!addon_get_string(env, argument, directory, sizeof directory))
		return NULL;
	int status = chdir(directory) < 0 || chroot(".") < 0 ? -errno : 0;
	return addon_number(env, status);
}

static bool export_function(napi_env env, napi_value exports, const char *name, napi_callback call)
{
	napi_value function = NULL;

	NAPI_TRY(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, call, NULL, &function), false);
	NAPI_TRY(env, napi_set_named_property(env, exports, name, function), false);
	return true;
}

NAPI_MODULE_INIT()
{
	napi_value engine = addon_engine_class(env);
	napi_value datagram = addon_datagram_class(env);
	napi_value delivery = addon_delivery_class(env);

	if (engine == NULL || datagram == NULL || delivery == NULL)
		return NULL;
	if (!export_function(env, exports, "crypt", crypt_call) ||
	    !export_function(env, exports, "chroot", chroot_call) || !addon_export_descriptors(env, exports) ||
	    !addon_export_confine(env, exports) || !addon_export_zones(env, exports) ||
	    !addon_export_layout(env, exports))
		return NULL;
	NAPI_TRY(env, napi_set_named_property(env, exports, "Engine", engine), NULL);
	NAPI_TRY(env, napi_set_named_property(env, exports, "DatagramSocket", datagram), NULL);
	NAPI_TRY(env, napi_set_named_property(env, exports, "Delivery", delivery), NULL);
	return exports;
}
