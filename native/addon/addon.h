/* Conversions between N-API values and C, shared by the files of this folder, without logic. */
#ifndef PICOSOCKS5_ADDON_H
#define PICOSOCKS5_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns `otherwise` from the function if an N-API call fails; an exception is then pending. */
#define NAPI_TRY(env, call, otherwise)                                                       \
	do {                                                                                 \
		if ((call) != napi_ok) {                                                     \
			addon_throw_if_quiet(env);                                           \
			return otherwise;                                                    \
		}                                                                            \
	} while (0)

/* Throws a TypeError, unless an exception is pending already. */
void addon_throw_if_quiet(napi_env env);

napi_value addon_number(napi_env env, int32_t number);

/* Each throws a TypeError and returns false if the value is of another type. */
bool addon_get_uint32(napi_env env, napi_value value, uint32_t *number);

/* A whole number from 0 on; numbers that JavaScript cannot hold exactly are rounded. */
bool addon_get_uint64(napi_env env, napi_value value, uint64_t *number);
bool addon_get_bytes(napi_env env, napi_value value, const uint8_t **bytes, size_t *size);

/* As addon_get_bytes(); undefined gives NULL and 0. */
bool addon_get_optional_bytes(napi_env env, napi_value value, const uint8_t **bytes, size_t *size);

/* A string that must fit, with its NUL, and contain no other. */
bool addon_get_string(napi_env env, napi_value value, char *text, size_t text_size);

/* The object of a method call and its arguments: missing ones are undefined. NULL with an exception pending. */
void *addon_get_call(napi_env env, napi_callback_info info, napi_value *arguments, size_t count);

/* Each adds the functions of its file to the module. False with an exception pending. */
bool addon_export_descriptors(napi_env env, napi_value exports);
bool addon_export_confine(napi_env env, napi_value exports);
bool addon_export_zones(napi_env env, napi_value exports);
bool addon_export_layout(napi_env env, napi_value exports);

/* The classes of the module. */
napi_value addon_engine_class(napi_env env);
napi_value addon_datagram_class(napi_env env);
napi_value addon_delivery_class(napi_env env);

#endif
