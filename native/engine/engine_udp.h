/*
 * UDP sockets of an engine: received datagrams are records of its batch (RECORD_DATAGRAM), and outgoing ones come in
 * batches, too. Payloads are not looked at. Handles and results are those of engine.h.
 */
#ifndef PICOSOCKS5_ENGINE_UDP_H
#define PICOSOCKS5_ENGINE_UDP_H

#include "engine.h"

/* The layout of the memory that UDP shares with JavaScript; see engine.h. */
#define UDP_SENDS 128
#define UDP_SEND_SIZE (256 * 1024)
#define UDP_SLOTS 64
/* No datagram is larger (RFC 768, RFC 8200); the odd 64 bytes spread the heads over the sets of a cache. */
#define UDP_SLOT_SIZE (64 * 1024 + 64)

/* One datagram to send. */
struct udp_send {
	int32_t handle;
	int32_t offset; /* in `outgoing` */
	int32_t length;
	int32_t family; /* 4 or 6 */
	int32_t port;
	int32_t unused[2];
	uint8_t address[ZONED_SIZE];
};

struct udp_shared {
	struct udp_send sends[UDP_SENDS];
	uint8_t outgoing[UDP_SEND_SIZE];
	uint8_t incoming[UDP_SLOTS][UDP_SLOT_SIZE];
};

/* Sockets of the outside take the options of outgoing sockets. */
enum udp_side { UDP_CLIENT, UDP_OUTSIDE };

/* The shared memory, needed before the first socket. -EINVAL if there is some already, -ENOMEM. */
int engine_use_udp(struct engine *engine, struct udp_shared *shared);

/*
 * A bound socket. `marks` may be NULL, and is ignored for one towards clients. `*failed` names the option that could
 * not be set. Closed by engine_close_leg().
 */
int engine_open_udp(struct engine *engine, const union address *address, enum udp_side side,
		    const struct socket_marks *marks, enum socket_option *failed);

/*
 * Sends the first `count` of shared->sends, those of each socket in their order. A datagram is lost if the kernel
 * does not take it at once, if it cannot be routed, or if its handle is stale. Returns the number that the kernel
 * took, or -EINVAL.
 */
int engine_send_udp(struct engine *engine, uint32_t count);

#endif
