/* A rig whose engine has memory for UDP, and what it is told to send. */
#ifndef PICOSOCKS5_UDP_RIG_H
#define PICOSOCKS5_UDP_RIG_H

#include "../../engine/engine_udp.h"
#include "../rig/rig.h"

struct udp_rig {
	struct rig rig;
	struct udp_shared *shared;
	uint32_t sends; /* put into the shared memory */
	size_t used;
};

void udp_rig_open(struct udp_rig *udp);
void udp_rig_close(struct udp_rig *udp);

/* The handle of a UDP socket at that address, of 4 or 16 bytes; `local` is where it is bound. */
int udp_rig_socket(struct udp_rig *udp, const uint8_t *bytes, size_t size, union address *local);

/* Puts a datagram into the shared memory, to go with the next flush. */
void udp_rig_put(struct udp_rig *udp, int handle, const void *bytes, size_t size, const union address *to);

/* Sends them: how many the kernel took. */
int udp_rig_flush(struct udp_rig *udp);

/* The first bytes of a datagram that was received. */
const uint8_t *udp_rig_bytes(const struct udp_rig *udp, const struct entry *entry);

#endif
