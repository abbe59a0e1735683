/* Bulk, which relay threads splice through pipes: nothing may change but the work. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bulk.h"

static const struct relay_limits NO_LIMITS = { 0 };

/* A session that splices upwards. */
static void start(struct bulk *bulk, struct relay_limits limits)
{
	bulk_start(bulk, limits);
	CHECK(flow_until_spliced(&bulk->rig, &bulk->up, &bulk->down));
}

/*
 * Leaves bytes in a pipe, not in memory: the socket upwards takes less than one splice, so that every splice leaves
 * some.
 */
static void fill_a_pipe(struct bulk *bulk)
{
	flow_narrow(&bulk->up);
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until;) {
		flow_sip_both(&bulk->rig, &bulk->up, &bulk->down);
		/* Not those of the other direction. */
		flow_take_all(&bulk->rig, &bulk->down);
		if (bytes_wait_in_pipes())
			return;
	}
	CHECK(bytes_wait_in_pipes());
}

static void carries_both_ways(void)
{
	static struct bulk bulk;

	start(&bulk, NO_LIMITS);
	size_t enough = bulk.up.got + 64 * MIB;
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && bulk.up.got < enough;) {
		flow_pour(&bulk.up, SIZE_MAX);
		flow_pour(&bulk.down, SIZE_MAX);
		flow_drink(&bulk.up);
		flow_drink(&bulk.down);
		rig_turn(&bulk.rig, 0);
	}
	bulk_finish(&bulk);
	bulk_stop(&bulk);
}

static void sends_fin_after_what_waits(void)
{
	static struct bulk bulk;
	char bytes[6];

	start(&bulk, NO_LIMITS);
	fill_a_pipe(&bulk);
	shutdown(bulk.session.client_fd, SHUT_WR);
	/* The other direction does not wait for this one. */
	CHECK(send(bulk.session.target_fd, "answer", 6, 0) == 6);
	CHECK(rig_receive(&bulk.rig, bulk.session.client_fd, bytes, 6) && memcmp(bytes, "answer", 6) == 0);
	flow_take_all(&bulk.rig, &bulk.up);
	CHECK(rig_ending(&bulk.rig, bulk.session.target_fd) == 'f');
	shutdown(bulk.session.target_fd, SHUT_WR);
	check_ended(&bulk.rig, &bulk.session, BY_CLIENT_FIN);
	bulk_stop(&bulk);
}

enum end { RESET_BY_CLIENT, RESET_BY_TARGET, CUT };

static void end_it(struct bulk *bulk, enum end end)
{
	const struct linger drop = { 1, 0 };
	int *fd = end == RESET_BY_CLIENT ? &bulk->session.client_fd : &bulk->session.target_fd;

	if (end == CUT) {
		CHECK(engine_cut(bulk->rig.engine, bulk->session.client, CLOSE_RESET) == 0);
		return;
	}
	setsockopt(*fd, SOL_SOCKET, SO_LINGER, &drop, sizeof drop);
	close(*fd);
	*fd = -1;
}

/* Ends a session whose pipe is full; the next one must not get its bytes. */
static void ends_with_bytes_in_a_pipe(enum end end)
{
	static const enum relay_ending ENDINGS[] = { BY_CLIENT_RESET, BY_TARGET_RESET, BY_CUT };
	static struct bulk bulk;
	int other;

	start(&bulk, NO_LIMITS);
	fill_a_pipe(&bulk);
	end_it(&bulk, end);
	other = end == RESET_BY_TARGET ? bulk.session.client_fd : bulk.session.target_fd;
	check_ended(&bulk.rig, &bulk.session, ENDINGS[end]);
	CHECK(rig_ending(&bulk.rig, other) == 'r');
	close_both(&bulk.session);

	rig_relay(&bulk.rig, &bulk.session, NO_LIMITS);
	bulk.up = flow_up(&bulk.session);
	bulk.down = flow_down(&bulk.session);
	CHECK(flow_until_spliced(&bulk.rig, &bulk.up, &bulk.down));
	flow_take_all(&bulk.rig, &bulk.up);
	bulk_stop(&bulk);
}

/* Whether the receiver upwards is told the truth: RST, or FIN behind everything that was sent. */
static bool ends_honestly(struct bulk *bulk)
{
	int error = EAGAIN;

	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && error == EAGAIN;) {
		ssize_t got = flow_sip(&bulk->up);
		if (got == 0)
			return bulk->up.good && bulk->up.got == bulk->up.sent;
		if (got > 0)
			continue;
		error = errno;
		rig_turn(&bulk->rig, 1);
	}
	return error == ECONNRESET;
}

static void idles_out_with_bytes_in_a_pipe(void)
{
	static struct bulk bulk;

	start(&bulk, (struct relay_limits){ .idle_ms = 4000 });
	fill_a_pipe(&bulk);
	check_ended(&bulk.rig, &bulk.session, BY_IDLE);
	CHECK(ends_honestly(&bulk));
	bulk_stop(&bulk);
}

static void keeps_to_a_rate_from_then_on(void)
{
	const uint32_t rates[2] = { 1000000, 0 };
	static struct bulk bulk;

	start(&bulk, NO_LIMITS);
	flow_take_all(&bulk.rig, &bulk.up);
	uint64_t before = clock_ms();
	size_t first = bulk.up.got;
	CHECK(engine_set_rates(bulk.rig.engine, bulk.session.client, rates) == 0);
	/* When the thread has passed on two bytes, one after the other, it has read its mail between them. */
	for (int bytes = 0; bytes < 2; bytes++) {
		flow_pour(&bulk.up, bulk.up.sent + 1);
		flow_take_all(&bulk.rig, &bulk.up);
	}
	while (clock_ms() < before + 1000) {
		flow_pour(&bulk.up, SIZE_MAX);
		flow_drink(&bulk.up);
		rig_turn(&bulk.rig, 5);
	}
	size_t most = (clock_ms() - before + 200) * (rates[CLIENT] / 1000);
	CHECK(bulk.up.good && bulk.up.got - first > 200000 && bulk.up.got - first < most);
	bulk_stop(&bulk);
}

/*
 * Between a MiB and another. Where the receiver's socket is full, an urgent byte may be lost (urgent.c): little is before it
 * that the receiver has not taken yet.
 */
static void passes_an_urgent_byte_in_its_place(void)
{
	static struct bulk bulk;
	uint8_t byte = 0;
	ssize_t got = 0;

	start(&bulk, NO_LIMITS);
	flow_take_all(&bulk.rig, &bulk.up);
	size_t place = bulk.up.sent + MIB;
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && bulk.up.got < place - 1000;) {
		flow_pour(&bulk.up, place - 1000);
		flow_drink(&bulk.up);
		rig_turn(&bulk.rig, 0);
	}
	flow_pour(&bulk.up, place);
	CHECK(send(bulk.up.from, "U", 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL) == 1);
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && sockatmark(bulk.up.to) != 1;) {
		flow_pour(&bulk.up, place + MIB);
		/* A read at this place would skip the byte if it came right then. */
		while (bulk.up.got < place && flow_sip(&bulk.up) > 0)
			;
		rig_turn(&bulk.rig, 0);
	}
	CHECK(bulk.up.got == place);
	/* The mark may be known before the byte has come. */
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && got != 1;) {
		got = recv(bulk.up.to, &byte, 1, MSG_OOB | MSG_DONTWAIT);
		rig_turn(&bulk.rig, 1);
	}
	CHECK(got == 1 && byte == 'U');
	flow_pour(&bulk.up, place + MIB);
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && flow_sip(&bulk.up) <= 0;)
		rig_turn(&bulk.rig, 1);
	flow_take_all(&bulk.rig, &bulk.up);
	bulk_stop(&bulk);
}

void test_bulk(void)
{
	RUN(carries_both_ways());
	RUN(sends_fin_after_what_waits());
	RUN(ends_with_bytes_in_a_pipe(RESET_BY_CLIENT));
	RUN(ends_with_bytes_in_a_pipe(RESET_BY_TARGET));
	RUN(ends_with_bytes_in_a_pipe(CUT));
	RUN(idles_out_with_bytes_in_a_pipe());
	RUN(keeps_to_a_rate_from_then_on());
	RUN(passes_an_urgent_byte_in_its_place());
}
