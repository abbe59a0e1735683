/* See addon_method.h. */
#include "addon_method.h"

#include <stdlib.h>

#define MOST_VALUES 10

/* Function data of N-API. */
struct bound_method {
	struct binding *binding;
	const struct method *method;
};

bool addon_must_be_open(napi_env env, const struct binding *binding)
{
	if (binding->engine == NULL)
		napi_throw_type_error(env, NULL, "engine is closed");
	return binding->engine != NULL;
}

int32_t addon_status(int status, enum socket_option failed)
{
	return status < 0 ? status - (int)failed * OPTION_STEP : status;
}

static bool get_argument(napi_env env, char letter, const napi_value *values, union argument *argument)
{
	switch (letter) {
	case 'u':
		return addon_get_uint32(env, *values, &argument->number);
	case 'U':
		return addon_get_uint64(env, *values, &argument->large);
	case 'b':
		return addon_get_bytes(env, *values, &argument->bytes.at, &argument->bytes.size);
	case 'o':
		return addon_get_optional_bytes(env, *values, &argument->bytes.at, &argument->bytes.size);
	default:
		return addon_get_marks(env, values, &argument->marks);
	}
}

static bool get_arguments(napi_env env, const char *signature, const napi_value *values, union argument *arguments)
{
	for (; *signature != '\0'; signature++) {
		if (!get_argument(env, *signature, values, arguments++))
			return false;
		values += *signature == 'm' ? 2 : 1;
	}
	return true;
}

static napi_value call_method(napi_env env, napi_callback_info info)
{
	napi_value values[MOST_VALUES];
	union argument arguments[MOST_VALUES];
	size_t count = MOST_VALUES;
	void *data = NULL;

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, values, NULL, &data), NULL);
	const struct bound_method *bound = data;
	if (bound->method->bare != NULL)
		return bound->method->bare(env, bound->binding);
	if (!addon_must_be_open(env, bound->binding) || !get_arguments(env, bound->method->signature, values, arguments))
		return NULL;
	return addon_number(env, bound->method->call(bound->binding, arguments));
}

static bool add_method(napi_env env, napi_value self, struct bound_method *bound)
{
	const char *name = bound->method->name;
	struct binding *binding = bound->binding;
	napi_value function = NULL;

	NAPI_TRY(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, call_method, bound, &function), false);
	NAPI_TRY(env, napi_add_finalizer(env, function, binding, binding_let_go, NULL, NULL), false);
	binding->holders++;
	NAPI_TRY(env, napi_set_named_property(env, self, name, function), false);
	return true;
}

bool addon_add_methods(napi_env env, napi_value self, struct binding *binding, const struct method *methods, size_t count)
{
	binding->methods = calloc(count, sizeof *binding->methods);
	NAPI_TRY(env, binding->methods == NULL ? napi_generic_failure : napi_ok, false);
	for (size_t at = 0; at < count; at++) {
		binding->methods[at] = (struct bound_method){ binding, &methods[at] };
		if (!add_method(env, self, &binding->methods[at]))
			return false;
	}
	return true;
}
