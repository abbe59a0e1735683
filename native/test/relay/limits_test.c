/* Limits of a relay: idle, half-closed, rate. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../rig/rig.h"

static void check_silence(struct relay_limits limits, bool half_close, bool chat, enum relay_ending ending)
{
	struct rig rig;
	struct session session;

	rig_open(&rig, 1);
	rig_relay(&rig, &session, limits);
	if (chat)
		rig_chat(&rig, &session);
	uint64_t before = clock_ms();
	if (half_close)
		shutdown(session.client_fd, SHUT_WR);
	check_ended(&rig, &session, ending);
	CHECK(clock_ms() - before >= 140 && clock_ms() - before < 1500);
	CHECK(rig_ending(&rig, session.target_fd) == 'f');
	close_both(&session);
	rig_close(&rig);
}

/* More sessions than one epoll_wait() tells of: the loop comes to the timers of the last before it knows of their bytes. */
static void a_late_loop_is_no_silence(void)
{
	enum { MANY = 300 };
	static struct session sessions[MANY];
	struct rig rig;
	uint8_t byte;

	rig_open(&rig, 0);
	for (int at = 0; at < MANY; at++)
		rig_relay(&rig, &sessions[at], (struct relay_limits){ .idle_ms = 3000 });
	for (int at = 0; at < MANY; at++)
		CHECK(send(sessions[at].client_fd, "x", 1, 0) == 1);
	usleep(3100000);
	for (int at = 0; at < MANY; at++)
		CHECK(rig_receive(&rig, sessions[at].target_fd, &byte, 1));
	for (int at = 0; at < MANY; at++)
		close_both(&sessions[at]);
	rig_close(&rig);
}

enum place { ON_ENGINE, ON_WORKER };

/* Bytes a second, and what may be saved up (rate.c). */
#define RATE 100000
#define BURST (RATE / 1000 * 128)

/* A session that waits for its rate: the client has sent `size` bytes, and the target has got the first of them. */
static void start_throttled(struct rig *rig, struct session *session, enum place place, size_t size)
{
	const uint32_t rates[2] = { RATE, 0 };
	static uint8_t bytes[2 * RATE];
	uint8_t byte;

	rig_open(rig, 1);
	rig_relay(rig, session, (struct relay_limits){ .idle_ms = 300, .bytes_per_second = { RATE, 0 } });
	if (place == ON_WORKER)
		rig_chat(rig, session);
	CHECK(engine_set_rates(rig->engine, session->client, rates) == 0);
	/* The sender must not wait for the receiver: what is not read yet stands in its own buffer. */
	const int enough = 4 * RATE;
	setsockopt(session->client_fd, SOL_SOCKET, SO_SNDBUF, &enough, sizeof enough);
	CHECK(send(session->client_fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size);
	CHECK(rig_receive(rig, session->target_fd, &byte, 1));
}

static size_t up_so_far(struct rig *rig, const struct session *session)
{
	double moved[2] = { 0, 0 };

	CHECK(engine_progress(rig->engine, session->client, moved) == 0);
	return (size_t)moved[CLIENT];
}

static void keeps_to_its_rate(enum place place)
{
	static uint8_t bytes[2 * RATE];
	struct rig rig;
	struct session session;
	uint64_t before = clock_ms();

	start_throttled(&rig, &session, place, 2 * RATE);
	/* The other direction has no limit, and does not wait for this one. */
	CHECK(send(session.target_fd, bytes, RATE, MSG_NOSIGNAL) == RATE);
	CHECK(rig_receive(&rig, session.client_fd, bytes, RATE));
	size_t up = up_so_far(&rig, &session);
	CHECK(up <= BURST + (clock_ms() + 8 - before) * (RATE / 1000) && up < 2 * RATE);
	CHECK(rig_receive(&rig, session.target_fd, bytes, 2 * RATE - 1));
	uint64_t took = clock_ms() - before;
	CHECK(took >= 1800 && took < 4000);
	close_both(&session);
	rig_close(&rig);
}

static void a_higher_rate_wakes_at_once(enum place place, uint32_t rate)
{
	const uint32_t slow[2] = { 100, 100 }, fast[2] = { rate, rate };
	static uint8_t bytes[RATE];
	struct rig rig;
	struct session session;

	start_throttled(&rig, &session, place, RATE);
	CHECK(engine_set_rates(rig.engine, session.client, slow) == 0);
	for (int turns = 0; turns < 20; turns++)
		rig_turn(&rig, 10);
	CHECK(up_so_far(&rig, &session) < RATE / 2);
	uint64_t before = clock_ms();
	CHECK(engine_set_rates(rig.engine, session.client, fast) == 0);
	CHECK(rig_receive(&rig, session.target_fd, bytes, RATE - 1));
	CHECK(clock_ms() - before < 2000);
	close_both(&session);
	rig_close(&rig);
}

/* A byte is due in a second, and the limit is 300 ms; then many, which take longer than that together. */
static void waiting_is_not_idleness(enum place place)
{
	const uint32_t stopped[2] = { 1, 0 }, crawl[2] = { 8000, 0 };
	static uint8_t bytes[BURST + 10000];
	struct rig rig;
	struct session session;

	start_throttled(&rig, &session, place, sizeof bytes);
	CHECK(engine_set_rates(rig.engine, session.client, stopped) == 0);
	for (uint64_t until = clock_ms() + 800; clock_ms() < until;)
		rig_turn(&rig, 50);
	uint64_t before = clock_ms();
	CHECK(engine_set_rates(rig.engine, session.client, crawl) == 0);
	shutdown(session.client_fd, SHUT_WR);
	CHECK(rig_receive(&rig, session.target_fd, bytes, sizeof bytes - 1));
	CHECK(clock_ms() - before > 500);
	CHECK(rig_ending(&rig, session.target_fd) == 'f');
	check_ended(&rig, &session, BY_IDLE);
	close_both(&session);
	rig_close(&rig);
}

/* Both sides together come to the stop and no further, and go on from there. */
static void stops_at_a_byte(enum place place)
{
	static uint8_t bytes[RATE];
	const size_t stops[] = { 1000, 1001, 50000, 70000 };
	const uint32_t fast[2] = { 0, 0 };
	struct rig rig;
	struct session session;
	size_t taken = 0;

	rig_open(&rig, 1);
	rig_relay(&rig, &session, (struct relay_limits){ .idle_ms = 300, .stop = place == ON_WORKER ? 500 : 1 });
	if (place == ON_WORKER)
		rig_chat(&rig, &session);
	double before[2] = { 0, 0 };
	CHECK(engine_progress(rig.engine, session.client, before) == 0);
	const size_t chatted = (size_t)(before[CLIENT] + before[TARGET]);
	for (size_t at = 0; at < sizeof stops / sizeof *stops; at++) {
		CHECK(engine_set_stop(rig.engine, session.client, chatted + stops[at]) == 0);
		if (at == 0)
			CHECK(send(session.client_fd, bytes, RATE, MSG_NOSIGNAL) == RATE);
		CHECK(rig_receive(&rig, session.target_fd, bytes, stops[at] - taken));
		taken = stops[at];
		/* Longer than the limit of silence: who waits is not silent. A rate does not lift the stop. */
		CHECK(engine_set_rates(rig.engine, session.client, fast) == 0);
		for (int turns = 0; turns < 40; turns++)
			rig_turn(&rig, 10);
		CHECK(up_so_far(&rig, &session) == (size_t)before[CLIENT] + stops[at]);
	}
	CHECK(engine_set_stop(rig.engine, session.client, 0) == 0);
	CHECK(rig_receive(&rig, session.target_fd, bytes, RATE - taken));
	close_both(&session);
	rig_close(&rig);
}

static void a_reset_does_not_wait(enum place place)
{
	const struct linger drop = { 1, 0 };
	const uint32_t stopped[2] = { 1, 1 };
	struct rig rig;
	struct session session;

	start_throttled(&rig, &session, place, RATE);
	CHECK(engine_set_rates(rig.engine, session.client, stopped) == 0);
	setsockopt(session.client_fd, SOL_SOCKET, SO_LINGER, &drop, sizeof drop);
	close(session.client_fd);
	CHECK(rig_ending(&rig, session.target_fd) == 'r');
	check_ended(&rig, &session, BY_CLIENT_RESET);
	CHECK(engine_set_rates(rig.engine, session.client, stopped) < 0);
	close(session.target_fd);
	rig_close(&rig);
}

void test_limits(void)
{
	const struct relay_limits idle = { .idle_ms = 150 };
	const struct relay_limits half_closed = { .idle_ms = 60000, .half_closed_ms = 150 };

	for (int chat = 0; chat < 2; chat++) {
		RUN(check_silence(idle, false, chat != 0, BY_IDLE));
		RUN(check_silence(half_closed, true, chat != 0, BY_HALF_CLOSED));
	}
	RUN(a_late_loop_is_no_silence());
	for (enum place place = ON_ENGINE; place <= ON_WORKER; place++) {
		RUN(keeps_to_its_rate(place));
		RUN(a_higher_rate_wakes_at_once(place, 0));
		RUN(a_higher_rate_wakes_at_once(place, 10 * RATE));
		RUN(waiting_is_not_idleness(place));
		RUN(stops_at_a_byte(place));
		RUN(a_reset_does_not_wait(place));
	}
}
