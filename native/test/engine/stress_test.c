/* Many sessions that end in every way at once: each must be reported exactly once. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../rig/rig.h"

#define SESSIONS 60
#define ROUNDS 6

static void end_somehow(struct rig *rig, struct session *session)
{
	const struct linger drop = { 1, 0 };

	switch (rand() % 5) {
	case 0:
		engine_cut(rig->engine, session->client, CLOSE_RESET);
		break;
	case 1:
		engine_cut(rig->engine, session->client, CLOSE_FIN);
		shutdown(session->client_fd, SHUT_WR);
		break;
	case 2:
		setsockopt(session->target_fd, SOL_SOCKET, SO_LINGER, &drop, sizeof drop);
		close(session->target_fd);
		session->target_fd = -1;
		engine_cut(rig->engine, session->client, CLOSE_RESET);
		break;
	default:
		shutdown(session->client_fd, SHUT_WR);
		shutdown(session->target_fd, SHUT_WR);
		break;
	}
}

static void make_busy(const struct session *session)
{
	static uint8_t block[70000];

	if (rand() % 2 == 0)
		return;
	ssize_t up = send(session->client_fd, block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL);
	ssize_t down = send(session->target_fd, block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL);
	CHECK(up > 0 && down > 0);
}

static void slow_down(struct rig *rig, const struct session *session)
{
	const uint32_t rates[2] = { 100000u << rand() % 10, 0 };

	for (int count = rand() % 3; count > 0; count--)
		engine_set_rates(rig->engine, session->client, rates);
}

static void round_of_sessions(struct rig *rig)
{
	struct session sessions[SESSIONS];
	double moved[2];

	for (int at = 0; at < SESSIONS; at++) {
		rig_relay(rig, &sessions[at], (struct relay_limits){ .idle_ms = 1000, .half_closed_ms = 500 });
		make_busy(&sessions[at]);
	}
	for (int at = 0; at < SESSIONS; at++) {
		engine_progress(rig->engine, sessions[at].client, moved);
		slow_down(rig, &sessions[at]);
		end_somehow(rig, &sessions[at]);
		if (rand() % 3 == 0)
			rig_turn(rig, 0);
	}
	for (int at = 0; at < SESSIONS; at++) {
		CHECK(rig_wait(rig, RECORD_RELAY_ENDED, sessions[at].client) != NULL);
		close(sessions[at].client_fd);
		if (sessions[at].target_fd >= 0)
			close(sessions[at].target_fd);
	}
}

static void every_end_is_reported_once(void)
{
	static struct rig rig;
	int before = open_descriptors();

	srand(2);
	rig_open(&rig, 3);
	for (int round = 0; round < ROUNDS; round++)
		round_of_sessions(&rig);
	int ended = 0;
	for (int at = 0; at < rig.log_size; at++)
		ended += rig.log[at].record.kind == RECORD_RELAY_ENDED;
	CHECK(ended == SESSIONS * ROUNDS);
	rig_close(&rig);
	CHECK(open_descriptors() == before);
}

void test_stress(void)
{
	RUN(every_end_is_reported_once());
}
