/* Confinement for JavaScript (confine.h, syscall_filter.h, threads.h): functions of the module that return 0 or -errno. */
#include "addon.h"
#include "../unix/confine.h"
#include "../unix/syscall_filter.h"
#include "../unix/threads.h"

#define MOST_ARGUMENTS 3

/* Numbers that are descriptors, or a kind. */
static bool get_numbers(napi_env env, napi_callback_info info, uint32_t *numbers, size_t count)
{
	napi_value arguments[MOST_ARGUMENTS];
	size_t given = count;

	NAPI_TRY(env, napi_get_cb_info(env, info, &given, arguments, NULL, NULL), false);
	for (size_t at = 0; at < count; at++)
		if (!addon_get_uint32(env, arguments[at], &numbers[at]))
			return false;
	return true;
}

/* emptyBoundingSet(tasks) */
static napi_value bounding_set_call(napi_env env, napi_callback_info info)
{
	uint32_t tasks;

	return get_numbers(env, info, &tasks, 1) ? addon_number(env, confine_bounding_set((int)tasks)) : NULL;
}

/* forbidNewPrivileges(tasks) */
static napi_value no_new_privs_call(napi_env env, napi_callback_info info)
{
	uint32_t tasks;

	return get_numbers(env, info, &tasks, 1) ? addon_number(env, confine_no_new_privs((int)tasks)) : NULL;
}

/* openRuleset(): descriptor */
static napi_value ruleset_call(napi_env env, napi_callback_info info)
{
	(void)info;
	return addon_number(env, confine_ruleset());
}

/* allowBeneath(ruleset, where, kind) */
static napi_value allow_call(napi_env env, napi_callback_info info)
{
	uint32_t numbers[3];

	if (!get_numbers(env, info, numbers, 3))
		return NULL;
	NAPI_TRY(env, numbers[2] >= CONFINE_READ && numbers[2] <= CONFINE_DEVICE ? napi_ok : napi_invalid_arg, NULL);
	return addon_number(env, confine_allow((int)numbers[0], (int)numbers[1], (enum confine_kind)numbers[2]));
}

/* enforceRuleset(ruleset, tasks) */
static napi_value files_call(napi_env env, napi_callback_info info)
{
	uint32_t numbers[2];

	if (!get_numbers(env, info, numbers, 2))
		return NULL;
	return addon_number(env, confine_files((int)numbers[0], (int)numbers[1]));
}

/* filterSystemCalls() */
static napi_value filter_call(napi_env env, napi_callback_info info)
{
	(void)info;
	return addon_number(env, syscallfilter_install());
}

/* readThreads(tasks, text: Uint8Array): size */
static napi_value status_call(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	size_t count = 2, size = 0;
	uint32_t tasks = 0;
	const uint8_t *text = NULL;

	NAPI_TRY(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL), NULL);
	if (!addon_get_uint32(env, arguments[0], &tasks) || !addon_get_bytes(env, arguments[1], &text, &size))
		return NULL;
	/* The memory belongs to the caller, who wants it written to. */
	return addon_number(env, threads_status((int)tasks, (char *)(uintptr_t)text, size));
}

bool addon_export_confine(napi_env env, napi_value exports)
{
	const napi_property_descriptor functions[] = {
		{ .utf8name = "emptyBoundingSet", .method = bounding_set_call, .attributes = napi_enumerable },
		{ .utf8name = "forbidNewPrivileges", .method = no_new_privs_call, .attributes = napi_enumerable },
		{ .utf8name = "openRuleset", .method = ruleset_call, .attributes = napi_enumerable },
		{ .utf8name = "allowBeneath", .method = allow_call, .attributes = napi_enumerable },
		{ .utf8name = "enforceRuleset", .method = files_call, .attributes = napi_enumerable },
		{ .utf8name = "filterSystemCalls", .method = filter_call, .attributes = napi_enumerable },
		{ .utf8name = "readThreads", .method = status_call, .attributes = napi_enumerable },
	};

	NAPI_TRY(env, napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions), false);
	return true;
}
