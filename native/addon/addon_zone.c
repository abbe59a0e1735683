/* The zones of link-local addresses (RFC 4007): interfaces, by index in the kernel and by name everywhere else. */
#include <net/if.h>

#include "addon.h"

/* interfaceIndex(name): its index, 0 where there is none */
static napi_value index_call(napi_env env, napi_callback_info info)
{
	napi_value argument = NULL;
	size_t count = 1;
	char name[IFNAMSIZ];

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, &argument, NULL, NULL), NULL);
	if (!addon_get_string(env, argument, name, sizeof name))
		return NULL;
	return addon_number(env, (int32_t)if_nametoindex(name));
}

/* interfaceName(index): string, "" where there is none */
static napi_value name_call(napi_env env, napi_callback_info info)
{
	napi_value argument = NULL, result = NULL;
	size_t count = 1;
	uint32_t index = 0;
	char name[IFNAMSIZ];

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, &argument, NULL, NULL), NULL);
	if (!addon_get_uint32(env, argument, &index))
		return NULL;
	const char *found = if_indextoname(index, name);
	NAPI_TRY(env, napi_create_string_utf8(env, found == NULL ? "" : found, NAPI_AUTO_LENGTH, &result), NULL);
	return result;
}

bool addon_export_zones(napi_env env, napi_value exports)
{
	const napi_property_descriptor functions[] = {
		{ .utf8name = "interfaceIndex", .method = index_call, .attributes = napi_enumerable },
		{ .utf8name = "interfaceName", .method = name_call, .attributes = napi_enumerable },
	};

	NAPI_TRY(env, napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions), false);
	return true;
}
