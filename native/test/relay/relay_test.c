/* The bytes and ends that a relay passes on, on the engine's loop and on a relay thread. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../rig/rig.h"

static const struct relay_limits NO_LIMITS = { 0 };

enum place { ON_ENGINE, ON_WORKER };

static void start(struct rig *rig, struct session *session, enum place place)
{
	rig_open(rig, 2);
	rig_relay(rig, session, NO_LIMITS);
	if (place == ON_WORKER)
		rig_chat(rig, session);
}

static void passes_half_closes(enum place place)
{
	struct rig rig;
	struct session session;
	char bytes[8];

	start(&rig, &session, place);
	CHECK(send(session.target_fd, "bye", 3, 0) == 3);
	shutdown(session.target_fd, SHUT_WR);
	CHECK(rig_receive(&rig, session.client_fd, bytes, 3) && rig_ending(&rig, session.client_fd) == 'f');
	CHECK(send(session.client_fd, "still", 5, 0) == 5);
	CHECK(rig_receive(&rig, session.target_fd, bytes, 5) && memcmp(bytes, "still", 5) == 0);
	shutdown(session.client_fd, SHUT_WR);
	CHECK(rig_ending(&rig, session.target_fd) == 'f');
	check_ended(&rig, &session, BY_TARGET_FIN);
	close_both(&session);
	rig_close(&rig);
}

static void mirrors_a_reset(enum place place)
{
	const struct linger drop = { 1, 0 };
	struct rig rig;
	struct session session;

	start(&rig, &session, place);
	setsockopt(session.client_fd, SOL_SOCKET, SO_LINGER, &drop, sizeof drop);
	close(session.client_fd);
	CHECK(rig_ending(&rig, session.target_fd) == 'r');
	check_ended(&rig, &session, BY_CLIENT_RESET);
	close(session.target_fd);
	rig_close(&rig);
}

static void can_be_cut(enum place place, enum close_how how)
{
	struct rig rig;
	struct session session;

	start(&rig, &session, place);
	CHECK(engine_cut(rig.engine, session.client, how) == 0);
	CHECK(rig_ending(&rig, session.target_fd) == (how == CLOSE_FIN ? 'f' : 'r'));
	check_ended(&rig, &session, BY_CUT);
	CHECK(engine_cut(rig.engine, session.client, how) < 0);
	close_both(&session);
	rig_close(&rig);
}

static void passes_an_urgent_byte(enum place place)
{
	struct rig rig;
	struct session session;
	char bytes[16] = { 0 }, urgent = 0;

	start(&rig, &session, place);
	CHECK(send(session.client_fd, "before", 6, 0) == 6);
	CHECK(send(session.client_fd, "U", 1, MSG_OOB) == 1);
	CHECK(send(session.client_fd, "after", 5, 0) == 5);
	CHECK(rig_receive(&rig, session.target_fd, bytes, 6) && memcmp(bytes, "before", 6) == 0);
	for (int tries = 0; tries < 100 && recv(session.target_fd, &urgent, 1, MSG_OOB | MSG_DONTWAIT) != 1; tries++)
		rig_turn(&rig, 10);
	CHECK(urgent == 'U');
	CHECK(rig_receive(&rig, session.target_fd, bytes, 5) && memcmp(bytes, "after", 5) == 0);
	close_both(&session);
	rig_close(&rig);
}

/* Bytes of a stream that no block size divides. */
static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at * 31 + at / 251);
}

static size_t pour(int fd, size_t done, size_t size)
{
	uint8_t block[10007];
	size_t want = size - done < sizeof block ? size - done : sizeof block;

	for (size_t at = 0; at < want; at++)
		block[at] = byte_at(done + at);
	ssize_t sent = want > 0 ? send(fd, block, want, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
	return sent > 0 ? done + (size_t)sent : done;
}

static size_t drink(int fd, size_t done, bool *good)
{
	uint8_t block[10007];
	ssize_t got = recv(fd, block, sizeof block, MSG_DONTWAIT);

	for (ssize_t at = 0; at < got; at++)
		*good = *good && block[at] == byte_at(done + (size_t)at);
	return got > 0 ? done + (size_t)got : done;
}

static void carries_bulk_both_ways(void)
{
	const size_t size = 24 * 1024 * 1024;
	struct rig rig;
	struct session session;
	size_t up_sent = 0, up_got = 0, down_sent = 0, down_got = 0;
	bool good = true;

	start(&rig, &session, ON_ENGINE);
	for (uint64_t until = clock_ms() + 60000; clock_ms() < until && (up_got < size || down_got < size);) {
		up_sent = pour(session.client_fd, up_sent, size);
		down_sent = pour(session.target_fd, down_sent, size);
		up_got = drink(session.target_fd, up_got, &good);
		down_got = drink(session.client_fd, down_got, &good);
		rig_turn(&rig, 0);
	}
	CHECK(good && up_got == size && down_got == size);
	shutdown(session.client_fd, SHUT_WR);
	shutdown(session.target_fd, SHUT_WR);
	const struct entry *ended = rig_wait(&rig, RECORD_RELAY_ENDED, session.client);
	CHECK(ended != NULL && ended->record.moved[CLIENT] == (double)size);
	CHECK(ended != NULL && ended->record.moved[TARGET] == (double)size);
	close_both(&session);
	rig_close(&rig);
}

static void stops_reading_for_a_slow_receiver(void)
{
	struct rig rig;
	struct session session;
	size_t sent = 0, before = 1, got = 0;
	bool good = true;

	start(&rig, &session, ON_ENGINE);
	for (int idle = 0; idle < 50; idle = sent == before ? idle + 1 : 0) {
		before = sent;
		sent = pour(session.client_fd, sent, SIZE_MAX);
		rig_turn(&rig, 2);
	}
	CHECK(sent < 32 * 1024 * 1024);
	shutdown(session.client_fd, SHUT_WR);
	for (uint64_t until = clock_ms() + 30000; clock_ms() < until && got < sent;) {
		got = drink(session.target_fd, got, &good);
		rig_turn(&rig, 0);
	}
	CHECK(good && got == sent);
	CHECK(rig_ending(&rig, session.target_fd) == 'f');
	close_both(&session);
	rig_close(&rig);
}

void test_relay(void)
{
	for (enum place place = ON_ENGINE; place <= ON_WORKER; place++) {
		RUN(passes_half_closes(place));
		RUN(mirrors_a_reset(place));
		RUN(can_be_cut(place, CLOSE_FIN));
		RUN(can_be_cut(place, CLOSE_RESET));
		RUN(passes_an_urgent_byte(place));
	}
	RUN(carries_bulk_both_ways());
	RUN(stops_reading_for_a_slow_receiver());
}
