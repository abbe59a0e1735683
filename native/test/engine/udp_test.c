/* UDP: batches in and out, what cannot be sent, handles, and what JavaScript might get wrong. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "udp_rig.h"

#define MOST_BYTES 65507

static const uint8_t LOOPBACK[] = { 127, 0, 0, 1 };
static const uint8_t LOOPBACK6[16] = { [15] = 1 };

static int plain_socket(union address *local)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof local->v4;

	address_make(local, LOOPBACK, sizeof LOOPBACK, 0);
	CHECK(bind(fd, &local->any, size) == 0 && getsockname(fd, &local->any, &size) == 0);
	return fd;
}

static void sends_and_receives(const uint8_t *bytes, size_t size)
{
	struct udp_rig udp;
	union address one, other;

	udp_rig_open(&udp);
	int from = udp_rig_socket(&udp, bytes, size, &one);
	int to = udp_rig_socket(&udp, bytes, size, &other);
	udp_rig_put(&udp, from, "first", 5, &other);
	udp_rig_put(&udp, from, "", 0, &other);
	CHECK(udp_rig_flush(&udp) == 2);
	const struct entry *entry = rig_wait(&udp.rig, RECORD_DATAGRAM, to);
	CHECK(entry != NULL && entry->record.length == 5 && memcmp(udp_rig_bytes(&udp, entry), "first", 5) == 0);
	CHECK(entry->record.family == (size == 4 ? 4 : 6) && memcmp(entry->record.address, bytes, size) == 0);
	CHECK(entry->record.port == ntohs(size == 4 ? one.v4.sin_port : one.v6.sin6_port));
	entry = rig_wait(&udp.rig, RECORD_DATAGRAM, to);
	CHECK(entry != NULL && entry->record.length == 0);
	udp_rig_close(&udp);
}

static void carries_the_largest_datagrams(void)
{
	static uint8_t bytes[MOST_BYTES];
	struct udp_rig udp;
	union address address;

	memset(bytes, 'z', sizeof bytes);
	udp_rig_open(&udp);
	int handle = udp_rig_socket(&udp, LOOPBACK, 4, &address);
	for (int count = 0; count < 3; count++)
		udp_rig_put(&udp, handle, bytes, sizeof bytes, &address);
	CHECK(udp_rig_flush(&udp) == 3);
	for (int count = 0; count < 3; count++) {
		const struct entry *entry = rig_wait(&udp.rig, RECORD_DATAGRAM, handle);
		CHECK(entry != NULL && entry->record.length == MOST_BYTES);
		CHECK(memcmp(udp_rig_bytes(&udp, entry), bytes, sizeof bytes) == 0);
	}
	udp_rig_close(&udp);
}

/* Whether the records of the last turns hold the numbers 0 to `count` in order, for that socket. */
static void check_order(const struct udp_rig *udp, int handle, int count)
{
	int next = 0;

	for (int at = 0; at < udp->rig.log_size; at++) {
		const struct engine_record *record = &udp->rig.log[at].record;
		if (record->kind == RECORD_DATAGRAM && record->handle == handle && record->origin == next)
			next++;
	}
	CHECK(next == count);
}

/* Turns until nothing comes; notes the number in each datagram as origin of its record, before memory is reused. */
static int take_all(struct udp_rig *udp)
{
	int most_at_once = 0, count;

	while ((count = engine_turn(udp->rig.engine)) > 0) {
		most_at_once = count > most_at_once ? count : most_at_once;
		for (int at = 0; at < count; at++) {
			struct engine_record *record = &udp->rig.shared->records[at];
			memcpy(&record->origin, &udp->shared->incoming[0][0] + record->offset, sizeof record->origin);
			udp->rig.log[udp->rig.log_size++ % RIG_LOG].record = *record;
		}
	}
	return most_at_once;
}

static void serves_flooded_sockets_in_turn(void)
{
	enum { SOCKETS = 4, EACH = 100 };
	struct udp_rig udp;
	union address locals[SOCKETS];
	int handles[SOCKETS];

	udp_rig_open(&udp);
	for (int at = 0; at < SOCKETS; at++)
		handles[at] = udp_rig_socket(&udp, LOOPBACK, 4, &locals[at]);
	for (int number = 0; number < EACH; number++) {
		for (int at = 0; at < SOCKETS; at++)
			udp_rig_put(&udp, handles[0], &number, sizeof number, &locals[at]);
		CHECK(udp_rig_flush(&udp) == SOCKETS);
	}
	CHECK(take_all(&udp) == UDP_SLOTS);
	for (int at = 0; at < SOCKETS; at++)
		check_order(&udp, handles[at], EACH);
	/* The first batch held datagrams of two sockets, the last of the others: no socket had to wait for the whole flood. */
	CHECK(udp.rig.log[0].record.handle != udp.rig.log[40].record.handle);
	CHECK(udp.rig.log[70].record.handle != udp.rig.log[40].record.handle);
	udp_rig_close(&udp);
}

static void loses_what_cannot_be_sent(void)
{
	struct udp_rig udp;
	union address address, nobody, other_family, no_port;

	udp_rig_open(&udp);
	int handle = udp_rig_socket(&udp, LOOPBACK, 4, &address);
	close(plain_socket(&nobody));
	address_make(&other_family, LOOPBACK6, 16, 9);
	address_make(&no_port, LOOPBACK, 4, 0);
	udp_rig_put(&udp, handle, "a", 1, &address);
	udp_rig_put(&udp, handle, "b", 1, &other_family);
	udp_rig_put(&udp, handle, "c", 1, &no_port);
	udp_rig_put(&udp, handle, "d", 1, &nobody);
	udp_rig_put(&udp, handle, "e", 1, &address);
	CHECK(udp_rig_flush(&udp) == 3);
	const struct entry *entry = rig_wait(&udp.rig, RECORD_DATAGRAM, handle);
	CHECK(entry != NULL && *udp_rig_bytes(&udp, entry) == 'a');
	entry = rig_wait(&udp.rig, RECORD_DATAGRAM, handle);
	CHECK(entry != NULL && *udp_rig_bytes(&udp, entry) == 'e');
	udp_rig_close(&udp);
}

static void checks_what_it_is_told_to_send(void)
{
	static const struct { int32_t offset, length; } WRONG[] = {
		{ -1, 1 }, { 0, -1 }, { UDP_SEND_SIZE, 1 }, { INT32_MAX, INT32_MAX }, { INT32_MIN, INT32_MIN }, { 1, UDP_SEND_SIZE },
	};
	struct udp_rig udp;
	union address address;
	enum socket_option failed;

	udp_rig_open(&udp);
	int handle = udp_rig_socket(&udp, LOOPBACK, 4, &address);
	for (size_t at = 0; at < sizeof WRONG / sizeof *WRONG; at++) {
		udp_rig_put(&udp, handle, "x", 1, &address);
		udp.shared->sends[0].offset = WRONG[at].offset;
		udp.shared->sends[0].length = WRONG[at].length;
		CHECK(udp_rig_flush(&udp) == 0);
	}
	CHECK(engine_send_udp(udp.rig.engine, UDP_SENDS + 1) == -EINVAL);
	udp_rig_put(&udp, udp.rig.listener, "x", 1, &address);
	udp_rig_put(&udp, -7, "x", 1, &address);
	CHECK(udp_rig_flush(&udp) == 0);
	CHECK(engine_use_udp(udp.rig.engine, udp.shared) == -EINVAL);
	CHECK(engine_read(udp.rig.engine, (uint32_t)handle) == -EINVAL);
	CHECK(engine_write(udp.rig.engine, (uint32_t)handle, (const uint8_t *)"x", 1) == -EINVAL);
	CHECK(engine_open_udp(udp.rig.engine, &address, UDP_CLIENT, NULL, &failed) == -EADDRINUSE);
	udp_rig_close(&udp);
}

static void needs_its_memory_first(void)
{
	struct rig rig;
	union address address;
	enum socket_option failed;

	rig_open(&rig, 1);
	address_make(&address, LOOPBACK, 4, 0);
	CHECK(engine_open_udp(rig.engine, &address, UDP_CLIENT, NULL, &failed) == -EINVAL);
	CHECK(engine_send_udp(rig.engine, 0) == -EINVAL);
	rig_close(&rig);
}

static void forgets_closed_sockets(void)
{
	struct udp_rig udp;
	union address address;

	udp_rig_open(&udp);
	int before = open_descriptors();
	for (int count = 0; count < 5000; count++) {
		int handle = udp_rig_socket(&udp, LOOPBACK, 4, &address);
		udp_rig_put(&udp, handle, "x", 1, &address);
		if (count % 2 == 0)
			CHECK(udp_rig_flush(&udp) == 1);
		CHECK(engine_close_leg(udp.rig.engine, (uint32_t)handle, CLOSE_FIN) == 0);
		CHECK(engine_close_leg(udp.rig.engine, (uint32_t)handle, CLOSE_FIN) == -EBADF);
		if (count % 2 != 0)
			CHECK(udp_rig_flush(&udp) == 0);
	}
	CHECK(engine_turn(udp.rig.engine) == 0);
	CHECK(open_descriptors() == before);
	udp_rig_socket(&udp, LOOPBACK, 4, &address); /* engine_close() closes it */
	udp_rig_close(&udp);
	CHECK(open_descriptors() < before);
}

void test_udp(void)
{
	RUN(sends_and_receives(LOOPBACK, sizeof LOOPBACK));
	RUN(sends_and_receives(LOOPBACK6, sizeof LOOPBACK6));
	RUN(carries_the_largest_datagrams());
	RUN(serves_flooded_sockets_in_turn());
	RUN(loses_what_cannot_be_sent());
	RUN(checks_what_it_is_told_to_send());
	RUN(needs_its_memory_first());
	RUN(forgets_closed_sockets());
}
