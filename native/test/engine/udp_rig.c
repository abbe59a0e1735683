/* See udp_rig.h. */
#include "udp_rig.h"

#include <stdlib.h>
#include <string.h>

void udp_rig_open(struct udp_rig *udp)
{
	memset(udp, 0, sizeof *udp);
	rig_open(&udp->rig, 1);
	udp->shared = calloc(1, sizeof *udp->shared);
	CHECK(engine_use_udp(udp->rig.engine, udp->shared) == 0);
}

void udp_rig_close(struct udp_rig *udp)
{
	rig_close(&udp->rig);
	free(udp->shared);
}

int udp_rig_socket(struct udp_rig *udp, const uint8_t *bytes, size_t size, union address *local)
{
	union address address;
	enum socket_option failed;

	address_make(&address, bytes, size, 0);
	int handle = engine_open_udp(udp->rig.engine, &address, UDP_OUTSIDE, NULL, &failed);
	CHECK(handle >= 0);
	CHECK(engine_local(udp->rig.engine, (uint32_t)handle, local) == 0);
	return handle;
}

void udp_rig_put(struct udp_rig *udp, int handle, const void *bytes, size_t size, const union address *to)
{
	struct engine_record record = { 0 };
	struct udp_send *send = &udp->shared->sends[udp->sends++];

	engine_put_address(&record, to);
	*send = (struct udp_send){
		.handle = handle,
		.offset = (int32_t)udp->used,
		.length = (int32_t)size,
		.family = record.family,
		.port = record.port,
	};
	memcpy(send->address, record.address, sizeof record.address);
	memcpy(udp->shared->outgoing + udp->used, bytes, size);
	udp->used += size;
}

int udp_rig_flush(struct udp_rig *udp)
{
	int taken = engine_send_udp(udp->rig.engine, udp->sends);

	udp->sends = 0;
	udp->used = 0;
	return taken;
}

const uint8_t *udp_rig_bytes(const struct udp_rig *udp, const struct entry *entry)
{
	return &udp->shared->incoming[0][0] + entry->record.offset;
}
