/*
 * The layout of the memory that C shares with JavaScript, by name: src/net/native/enginelayout.ts holds the same, and
 * compares both when the addon loads.
 */
#include "addon_binding.h"
#include "../unix/confine.h"
#include "../engine/engine_udp.h"

#define RECORD(field) { "record." #field, offsetof(struct engine_record, field) }
#define SEND(field) { "send." #field, offsetof(struct udp_send, field) }
#define STALLED(field) { "stalled." #field, offsetof(struct stalled, field) }

static const struct {
	const char *name;
	size_t number;
} LAYOUT[] = {
	{ "shared.records", offsetof(struct engine_shared, records) },
	{ "shared.arena", offsetof(struct engine_shared, arena) },
	{ "shared.scratch", offsetof(struct engine_shared, scratch) },
	{ "shared.size", sizeof(struct engine_shared) },
	{ "record.size", sizeof(struct engine_record) },
	RECORD(kind),
	RECORD(handle),
	RECORD(origin),
	RECORD(offset),
	RECORD(length),
	RECORD(error),
	RECORD(family),
	RECORD(port),
	RECORD(address),
	RECORD(moved),
	RECORD(zone),
	{ "kind.ACCEPTED", RECORD_ACCEPTED },
	{ "kind.READ", RECORD_READ },
	{ "kind.CONNECTED", RECORD_CONNECTED },
	{ "kind.RESET", RECORD_RESET },
	{ "kind.RELAY_ENDED", RECORD_RELAY_ENDED },
	{ "kind.STARVED", RECORD_STARVED },
	{ "kind.DATAGRAM", RECORD_DATAGRAM },
	{ "kind.DRAINED", RECORD_DRAINED },
	{ "kind.CROWDED", RECORD_CROWDED },
	{ "ending.client-fin", BY_CLIENT_FIN },
	{ "ending.target-fin", BY_TARGET_FIN },
	{ "ending.client-reset", BY_CLIENT_RESET },
	{ "ending.target-reset", BY_TARGET_RESET },
	{ "ending.idle-timeout", BY_IDLE },
	{ "ending.half-closed-timeout", BY_HALF_CLOSED },
	{ "ending.cut", BY_CUT },
	{ "close.fin", CLOSE_FIN },
	{ "close.reset", CLOSE_RESET },
	{ "option.step", OPTION_STEP },
	{ "option.SO_BINDTODEVICE", OPTION_INTERFACE },
	{ "option.SO_MARK", OPTION_MARK },
	{ "option.SO_KEEPALIVE", OPTION_KEEPALIVE },
	{ "option.IP_TOS", OPTION_TOS },
	{ "option.TCP_FASTOPEN_CONNECT", OPTION_FAST_OPEN },
	{ "option.IP_FREEBIND", OPTION_FREE_BIND },
	{ "confine.read", CONFINE_READ },
	{ "confine.replace", CONFINE_REPLACE },
	{ "confine.name", CONFINE_NAME },
	{ "confine.device", CONFINE_DEVICE },
	{ "address.size", ZONED_SIZE },
	{ "stalled.size", sizeof(struct stalled) },
	STALLED(handle),
	STALLED(held_kib),
	STALLED(age_ms),
	{ "udp.outgoing", offsetof(struct udp_shared, outgoing) },
	{ "udp.incoming", offsetof(struct udp_shared, incoming) },
	{ "udp.size", sizeof(struct udp_shared) },
	{ "send.size", sizeof(struct udp_send) },
	SEND(handle),
	SEND(offset),
	SEND(length),
	SEND(family),
	SEND(port),
	SEND(address),
};

bool addon_export_layout(napi_env env, napi_value exports)
{
	napi_value layout = NULL;

	NAPI_TRY(env, napi_create_object(env, &layout), false);
	for (size_t at = 0; at < sizeof LAYOUT / sizeof *LAYOUT; at++) {
		napi_value number = addon_number(env, (int32_t)LAYOUT[at].number);
		NAPI_TRY(env, napi_set_named_property(env, layout, LAYOUT[at].name, number), false);
	}
	NAPI_TRY(env, napi_set_named_property(env, exports, "layout", layout), false);
	return true;
}
