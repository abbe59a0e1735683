/* Handshake side of the engine: accept, read, write, close, dial, and running out of descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../rig/rig.h"

static const struct bytes NO_BYTES[2] = { { NULL, 0 }, { NULL, 0 } };
static const struct relay_limits NO_LIMITS = { 0 };

static void accepts_reads_writes_and_closes(void)
{
	struct rig rig;
	char bytes[16];

	rig_open(&rig, 1);
	int fd = rig_client(&rig, "hello");
	const struct entry *entry = rig_wait(&rig, RECORD_ACCEPTED, -1);
	CHECK(entry != NULL && entry->record.length == 5 && memcmp(entry->bytes, "hello", 5) == 0);
	CHECK(entry->record.family == 4 && entry->record.address[0] == 127);
	uint32_t leg = (uint32_t)entry->record.handle;
	CHECK(engine_read(rig.engine, leg) == ENGINE_WAIT);
	CHECK(send(fd, "more", 4, 0) == 4);
	entry = rig_wait(&rig, RECORD_READ, leg);
	CHECK(entry != NULL && entry->record.length == 4);
	CHECK(engine_write(rig.engine, leg, (const uint8_t *)"bye", 3) == 0);
	CHECK(engine_close_leg(rig.engine, leg, CLOSE_FIN) == 0);
	CHECK(send(fd, "late", 4, MSG_NOSIGNAL) == 4);
	CHECK(rig_receive(&rig, fd, bytes, 3) && rig_ending(&rig, fd) == 'f');
	close(fd);
	rig_turn(&rig, 100);
	CHECK(engine_close_leg(rig.engine, leg, CLOSE_FIN) == -EBADF);
	rig_close(&rig);
}

static void gives_a_leg_away(void)
{
	struct rig rig;
	char bytes[16];

	rig_open(&rig, 1);
	int fd = rig_client(&rig, "hello");
	const struct entry *entry = rig_wait(&rig, RECORD_ACCEPTED, -1);
	CHECK(entry != NULL);
	uint32_t leg = (uint32_t)entry->record.handle;
	int ours = engine_detach(rig.engine, leg);
	CHECK(ours >= 0 && engine_detach(rig.engine, leg) == -EBADF);
	/* The engine hears nothing of it any more. */
	CHECK(send(fd, "more", 4, 0) == 4);
	rig_turn(&rig, 100);
	CHECK(recv(ours, bytes, sizeof bytes, 0) == 4 && memcmp(bytes, "more", 4) == 0);
	close(ours);
	CHECK(rig_ending(&rig, fd) == 'f');
	close(fd);
	rig_close(&rig);
}

static void refuses_wrong_handles(void)
{
	struct rig rig;
	struct session session;
	double moved[2];

	rig_open(&rig, 1);
	rig_relay(&rig, &session, NO_LIMITS);
	CHECK(engine_read(rig.engine, session.client) == -EINVAL);
	CHECK(engine_write(rig.engine, session.target, (const uint8_t *)"x", 1) == -EINVAL);
	CHECK(engine_close_leg(rig.engine, session.client, CLOSE_FIN) == -EINVAL);
	CHECK(engine_relay(rig.engine, session.client, session.target, NO_LIMITS, NO_BYTES) == -EINVAL);
	CHECK(engine_progress(rig.engine, session.target, moved) == -EINVAL);
	CHECK(engine_read(rig.engine, (uint32_t)rig.listener) == -EINVAL);
	CHECK(engine_cut(rig.engine, 12345, CLOSE_FIN) == -EBADF);
	CHECK(engine_read(rig.engine, UINT32_MAX) == -EBADF);
	close_both(&session);
	rig_close(&rig);
}

static void dials(void)
{
	struct rig rig;
	enum socket_option option;
	union address nobody;
	static const uint8_t loopback[] = { 127, 0, 0, 1 };

	rig_open(&rig, 1);
	address_make(&nobody, loopback, 4, rig.target_port);
	close(rig.target_listener);
	int handle = engine_dial(rig.engine, &nobody, NULL, NULL, &option);
	CHECK(handle >= 0);
	const struct entry *entry = rig_wait(&rig, RECORD_CONNECTED, handle);
	CHECK(entry != NULL && entry->record.error == ECONNREFUSED);
	CHECK(engine_close_leg(rig.engine, (uint32_t)handle, CLOSE_RESET) == -EBADF);
	rig.target_listener = dup(0);
	rig_close(&rig);
}

static void hears_a_reset_that_nobody_reads(void)
{
	struct rig rig;
	const struct linger drop = { 1, 0 };

	rig_open(&rig, 1);
	int fd = rig_client(&rig, "x");
	const struct entry *entry = rig_wait(&rig, RECORD_ACCEPTED, -1);
	uint32_t leg = (uint32_t)entry->record.handle;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &drop, sizeof drop);
	close(fd);
	entry = rig_wait(&rig, RECORD_RESET, leg);
	CHECK(entry != NULL && entry->record.error == ECONNRESET);
	CHECK(engine_close_leg(rig.engine, leg, CLOSE_FIN) == 0);
	rig_close(&rig);
}

static void tells_when_all_is_sent_and_sends_fin_behind_it(void)
{
	static const uint8_t piece[64 * 1024];
	struct rig rig;
	char bytes[4];
	int waiting = 0;

	rig_open(&rig, 1);
	int fd = rig_client(&rig, "x");
	uint32_t leg = (uint32_t)rig_wait(&rig, RECORD_ACCEPTED, -1)->record.handle;
	while (waiting == 0)
		waiting = engine_write(rig.engine, leg, piece, sizeof piece);
	CHECK(waiting > 0 && waiting <= (int)sizeof piece);
	CHECK(engine_finish(rig.engine, leg) == 0);
	CHECK(rig_ending(&rig, fd) == 'f');
	CHECK(rig_wait(&rig, RECORD_DRAINED, leg) != NULL);
	CHECK(engine_read(rig.engine, leg) == ENGINE_WAIT);
	CHECK(send(fd, "late", 4, MSG_NOSIGNAL) == 4);
	const struct entry *entry = rig_wait(&rig, RECORD_READ, leg);
	CHECK(entry != NULL && entry->record.length == 4);
	CHECK(engine_close_leg(rig.engine, leg, CLOSE_FIN) == 0);
	CHECK(engine_finish(rig.engine, leg) == -EINVAL);
	CHECK(recv(fd, bytes, sizeof bytes, 0) == 0);
	close(fd);
	rig_close(&rig);
}

/* Leaves `spare` descriptors free. */
static void set_descriptor_limit(int spare)
{
	struct rlimit limit;
	int next = fcntl(0, F_DUPFD, 3);

	close(next);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = (rlim_t)(next + spare);
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void waits_for_descriptors(void)
{
	struct rig rig;
	struct rlimit before;
	int fds[8], accepted = 0;

	getrlimit(RLIMIT_NOFILE, &before);
	rig_open(&rig, 1);
	for (int at = 0; at < 8; at++)
		fds[at] = rig_client(&rig, "x");
	set_descriptor_limit(3);
	const struct entry *starved = rig_wait(&rig, RECORD_STARVED, rig.listener);
	CHECK(starved != NULL && starved->record.error == EMFILE);
	uint32_t first = 0;
	for (int at = 0; at < rig.log_size; at++) {
		if (rig.log[at].record.kind != RECORD_ACCEPTED)
			continue;
		first = (uint32_t)rig.log[at].record.handle;
		accepted++;
	}
	CHECK(accepted == 3);
	CHECK(engine_close_leg(rig.engine, first, CLOSE_RESET) == 0);
	rig_turn(&rig, 100);
	rig_turn(&rig, 100);
	CHECK(rig.log_size == 5); /* 3 accepted, 1 starved, 1 accepted: told only once */
	setrlimit(RLIMIT_NOFILE, &before);
	for (int at = 0; at < 8; at++)
		CHECK(rig_wait(&rig, RECORD_ACCEPTED, -1) != NULL);
	for (int at = 0; at < 8; at++)
		close(fds[at]);
	rig_close(&rig);
}

static void opens_and_closes_without_a_trace(void)
{
	int before = open_descriptors();

	for (int round = 0; round < 20; round++) {
		struct rig rig;
		struct session sessions[3];
		rig_open(&rig, 2);
		for (int at = 0; at < 3; at++)
			rig_relay(&rig, &sessions[at], NO_LIMITS);
		rig_chat(&rig, &sessions[0]);
		rig_close(&rig);
		for (int at = 0; at < 3; at++)
			close_both(&sessions[at]);
	}
	CHECK(open_descriptors() == before);
}

void test_engine(void)
{
	RUN(accepts_reads_writes_and_closes());
	RUN(gives_a_leg_away());
	RUN(refuses_wrong_handles());
	RUN(dials());
	RUN(hears_a_reset_that_nobody_reads());
	RUN(tells_when_all_is_sent_and_sends_fin_behind_it());
	RUN(waits_for_descriptors());
	RUN(opens_and_closes_without_a_trace());
}
