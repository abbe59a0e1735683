/* UDP for class Engine: engine_udp.h for JavaScript. */
#include <errno.h>

#include "addon_method.h"
#include "../engine/engine_udp.h"

static bool throw_status(napi_env env, int status)
{
	if (status < 0)
		napi_throw_error(env, NULL, status == -ENOMEM ? "no memory for UDP" : "UDP has its memory already");
	return status == 0;
}

/* udpMemory(): ArrayBuffer, once */
napi_value addon_udp_memory(napi_env env, struct binding *binding)
{
	napi_value memory = NULL;
	void *shared = NULL;

	if (!addon_must_be_open(env, binding))
		return NULL;
	NAPI_TRY(env, napi_create_arraybuffer(env, sizeof(struct udp_shared), &shared, &memory), NULL);
	if (!throw_status(env, engine_use_udp(binding->engine, shared)))
		return NULL;
	if (napi_create_reference(env, memory, 1, &binding->udp_memory) == napi_ok)
		return memory;
	/* The engine would be left with memory that may be freed at any time. */
	binding_close(binding);
	addon_throw_if_quiet(env);
	return NULL;
}

/* openUdp(address, port, side: 0 client | 1 outside, interface, mark): handle, -errno or see addon_status() */
int32_t addon_open_udp(struct binding *binding, const union argument *arguments)
{
	union address address;
	enum socket_option failed = OPTION_NONE;
	enum udp_side side = arguments[2].number == 0 ? UDP_CLIENT : UDP_OUTSIDE;
	int status = address_make(&address, arguments[0].bytes.at, arguments[0].bytes.size, (uint16_t)arguments[1].number);

	if (status == 0)
		status = engine_open_udp(binding->engine, &address, side, &arguments[3].marks, &failed);
	binding_refresh(binding);
	return addon_status(status, failed);
}

/* sendUdp(count): datagrams that the kernel took */
int32_t addon_send_udp(struct binding *binding, const union argument *arguments)
{
	return engine_send_udp(binding->engine, arguments[0].number);
}
