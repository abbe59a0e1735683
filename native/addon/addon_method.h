/* Methods of class Engine as a table: what JavaScript passes is converted by a signature, what C returns is a number. */
#ifndef PICOSOCKS5_ADDON_METHOD_H
#define PICOSOCKS5_ADDON_METHOD_H

#include "addon_binding.h"

/* One argument of a call, by its letter in the signature. */
union argument {
	uint32_t number; /* u */
	uint64_t large; /* U: a whole number from 0 on; what JavaScript cannot hold exactly is rounded */
	struct bytes bytes; /* b: Uint8Array; o: that or undefined, which is NULL and 0 */
	struct socket_marks marks; /* m: two values, interface (undefined for the common one) and mark (0) */
};

struct method {
	const char *name;
	const char *signature; /* a letter for each argument */
	/* For an open engine: a handle, another result, or -errno. */
	int32_t (*call)(struct binding *binding, const union argument *arguments);
	/* Instead of it: takes no arguments, makes its result itself, and the engine may be closed. */
	napi_value (*bare)(napi_env env, struct binding *binding);
};

/*
 * Gives the JavaScript object its methods. Each holds the binding: finding it through the object would cost as much
 * as most methods do. False with an exception pending.
 */
bool addon_add_methods(napi_env env, napi_value self, struct binding *binding, const struct method *methods, size_t count);

/* Whether the engine is open; if not, an exception is pending. */
bool addon_must_be_open(napi_env env, const struct binding *binding);

/* The result of a call that failed because of a socket option: -(errno + option * 4096). */
int32_t addon_status(int status, enum socket_option failed);

/* 0: FIN, 1: RST. */
static inline enum close_how addon_close_how(const union argument *how)
{
	return how->number == 0 ? CLOSE_FIN : CLOSE_RESET;
}

/* The methods of addon_relay.c. */
int32_t addon_relay(struct binding *binding, const union argument *arguments);
int32_t addon_cut(struct binding *binding, const union argument *arguments);
int32_t addon_set_rate(struct binding *binding, const union argument *arguments);
int32_t addon_set_stop(struct binding *binding, const union argument *arguments);
int32_t addon_progress(struct binding *binding, const union argument *arguments);
int32_t addon_stalled(struct binding *binding, const union argument *arguments);
int32_t addon_survey(struct binding *binding, const union argument *arguments);

/* The methods of addon_udp.c. */
napi_value addon_udp_memory(napi_env env, struct binding *binding);
int32_t addon_open_udp(struct binding *binding, const union argument *arguments);
int32_t addon_send_udp(struct binding *binding, const union argument *arguments);

#endif
