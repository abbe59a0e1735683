/* Limits of a relay: idle, half-closed, rate. */
#include <stdlib.h>
#include <sys/socket.h>

#include "harness.h"

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

static void keeps_to_its_rate(void)
{
	const size_t rate = 400000, size = 400000;
	struct rig rig;
	struct session session;
	static uint8_t bytes[400000];
	uint64_t before = clock_ms();

	rig_open(&rig, 1);
	rig_relay(&rig, &session, (struct relay_limits){ .bytes_per_second = (uint32_t)rate });
	for (size_t sent = 0, got = 0; got < size;) {
		ssize_t done = send(session.client_fd, bytes, size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		sent += done > 0 ? (size_t)done : 0;
		done = recv(session.target_fd, bytes, sizeof bytes, MSG_DONTWAIT);
		got += done > 0 ? (size_t)done : 0;
		rig_turn(&rig, 1);
		if (clock_ms() - before > 10000)
			break;
	}
	uint64_t took = clock_ms() - before;
	CHECK(took >= 700 && took < 2500);
	close_both(&session);
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
	RUN(keeps_to_its_rate());
}
