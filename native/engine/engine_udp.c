/* See engine_udp.h. */
#include "engine_udp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "../unix/check.h"
#include "engine_state.h"

/* Datagrams of one socket per turn: a flooded socket must not delay the others. */
#define MOST_AT_ONCE 32

#define NO_HANDLE (-1)

#define MESSAGES (UDP_SENDS > UDP_SLOTS ? UDP_SENDS : UDP_SLOTS)

/* The messages of recvmmsg(2) or sendmmsg(2), with the memory they point to. */
struct messages {
	struct mmsghdr headers[MESSAGES];
	struct iovec bytes[MESSAGES];
	union address addresses[MESSAGES];
};

struct udp {
	struct udp_shared *shared;
	unsigned slots_used; /* of this batch */
	struct messages in; /* one for each slot */
	struct messages out;
};

static void point(struct messages *messages, unsigned at, uint8_t *bytes, size_t size, socklen_t address_size)
{
	messages->bytes[at] = (struct iovec){ .iov_base = bytes, .iov_len = size };
	messages->headers[at].msg_hdr = (struct msghdr){
		.msg_name = &messages->addresses[at],
		.msg_namelen = address_size,
		.msg_iov = &messages->bytes[at],
		.msg_iovlen = 1,
	};
}

int engine_use_udp(struct engine *engine, struct udp_shared *shared)
{
	if (engine->udp != NULL)
		return -EINVAL;
	struct udp *udp = calloc(1, sizeof *udp);
	if (udp == NULL)
		return -ENOMEM;
	udp->shared = shared;
	for (unsigned at = 0; at < UDP_SLOTS; at++)
		point(&udp->in, at, shared->incoming[at], UDP_SLOT_SIZE, sizeof(union address));
	engine->udp = udp;
	return 0;
}

int engine_open_udp(struct engine *engine, const union address *address, enum udp_side side,
		    const struct socket_marks *marks, enum socket_option *failed)
{
	struct socket_options options = socket_options_with(&engine->outgoing, marks);

	*failed = OPTION_NONE;
	if (engine->udp == NULL)
		return -EINVAL;
	int fd = socket_udp(address, side == UDP_OUTSIDE ? &options : NULL, failed);
	return engine_enter(engine, fd, LEG_UDP, EPOLLIN);
}

void engine_free_udp(struct engine *engine)
{
	free(engine->udp);
}

void engine_begin_udp(struct engine *engine)
{
	if (engine->udp != NULL)
		engine->udp->slots_used = 0;
}

bool engine_udp_has_room(const struct engine *engine)
{
	return engine->udp == NULL || engine->udp->slots_used < UDP_SLOTS;
}

static unsigned most_to_receive(const struct engine *engine)
{
	unsigned most = UDP_SLOTS - engine->udp->slots_used;
	unsigned records = ENGINE_RECORDS - (unsigned)engine->record_count;

	most = records < most ? records : most;
	return most < MOST_AT_ONCE ? most : MOST_AT_ONCE;
}

static void add_datagram(struct engine *engine, const struct leg *leg, unsigned slot)
{
	struct mmsghdr *header = &engine->udp->in.headers[slot];
	struct engine_record *record = engine_add_record(engine, RECORD_DATAGRAM, leg->handle);

	record->offset = (int32_t)slot * UDP_SLOT_SIZE;
	record->length = (int32_t)header->msg_len;
	engine_put_address(record, &engine->udp->in.addresses[slot]);
	header->msg_hdr.msg_namelen = sizeof(union address);
}

void engine_udp_event(struct engine *engine, struct leg *leg)
{
	struct udp *udp = engine->udp;
	unsigned first = udp->slots_used;

	/* Level-triggered: remaining datagrams are reported again. Returning an error of the socket clears it. */
	int count = recvmmsg(leg->fd, &udp->in.headers[first], most_to_receive(engine), MSG_DONTWAIT, NULL);
	for (int at = 0; at < count; at++)
		add_datagram(engine, leg, first + (unsigned)at);
	udp->slots_used += count > 0 ? (unsigned)count : 0;
}

/* Whether the message could be built; `send` comes from JavaScript and may hold anything. */
static bool put_message(struct udp *udp, unsigned at, const struct udp_send *send)
{
	union address *address = &udp->out.addresses[at];

	if (send->offset < 0 || send->length < 0 || send->offset > UDP_SEND_SIZE - send->length)
		return false;
	if (address_make(address, send->address, send->family == 4 ? 4 : ZONED_SIZE, (uint16_t)send->port) < 0)
		return false;
	point(&udp->out, at, udp->shared->outgoing + send->offset, (size_t)send->length, address_size(address));
	return true;
}

/* Collects the further datagrams for the socket of sends[first], and marks them as done. */
static unsigned collect(struct udp *udp, uint32_t first, uint32_t count)
{
	int32_t handle = udp->shared->sends[first].handle;
	unsigned collected = 0;

	for (uint32_t at = first; at < count; at++) {
		struct udp_send *send = &udp->shared->sends[at];
		if (send->handle != handle)
			continue;
		send->handle = NO_HANDLE;
		if (put_message(udp, collected, send))
			collected++;
	}
	return collected;
}

static int send_all(int fd, struct mmsghdr *headers, unsigned count)
{
	unsigned at = 0;
	int taken = 0;

	while (at < count) {
		int sent = sendmmsg(fd, headers + at, count - at, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
			break;
		/* Any other failure concerns the first message only. */
		at += sent < 0 ? 1 : (unsigned)sent;
		taken += sent < 0 ? 0 : sent;
	}
	return taken;
}

int engine_send_udp(struct engine *engine, uint32_t count)
{
	struct udp *udp = engine->udp;
	int taken = 0;

	if (udp == NULL || count > UDP_SENDS)
		return -EINVAL;
	for (uint32_t at = 0; at < count; at++) {
		int32_t handle = udp->shared->sends[at].handle;
		if (handle == NO_HANDLE)
			continue;
		unsigned collected = collect(udp, at, count);
		struct leg *leg = legs_find(&engine->legs, (uint32_t)handle);
		if (leg != NULL && leg->state == LEG_UDP)
			taken += send_all(leg->fd, udp->out.headers, collected);
	}
	return taken;
}
