/* Bulk, which relay threads splice through pipes: nothing may change but the work. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

#define MIB ((size_t)1024 * 1024)
#define PATIENCE_MS 30000

static const struct relay_limits NO_LIMITS = { 0 };

/* Bytes of a stream repeat after a prime number: no block is like the one before it. */
#define PERIOD 65521
static uint8_t pattern[PERIOD];

/* One direction, from far end to far end. */
struct flow {
	int from, to;
	size_t sent, got;
	bool good;
};

static struct flow flow_up(const struct session *session)
{
	for (size_t at = 0; at < PERIOD; at++)
		pattern[at] = (uint8_t)(at * 31 + at / 251);
	return (struct flow){ .from = session->client_fd, .to = session->target_fd, .good = true };
}

static struct flow flow_down(const struct session *session)
{
	struct flow flow = flow_up(session);

	return (struct flow){ .from = flow.to, .to = flow.from, .good = true };
}

/* Sends until the socket is full or `until` bytes were sent in all. */
static void pour(struct flow *flow, size_t until)
{
	while (flow->sent < until) {
		size_t at = flow->sent % PERIOD, want = PERIOD - at;
		want = want < until - flow->sent ? want : until - flow->sent;
		ssize_t sent = send(flow->from, pattern + at, want, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent <= 0)
			return;
		flow->sent += (size_t)sent;
	}
}

/* Receives and compares once. */
static ssize_t sip(struct flow *flow)
{
	uint8_t block[PERIOD];
	size_t at = flow->got % PERIOD;
	ssize_t got = recv(flow->to, block, PERIOD - at, MSG_DONTWAIT);

	if (got > 0) {
		flow->good = flow->good && memcmp(block, pattern + at, (size_t)got) == 0;
		flow->got += (size_t)got;
	}
	return got;
}

/* Receives until nothing is there or the urgent byte is next. */
static void drink(struct flow *flow)
{
	while (sockatmark(flow->to) != 1 && sip(flow) > 0)
		;
}

static int open_pipe_ends(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		char path[300], target[8] = "";
		snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
		count += readlink(path, target, sizeof target - 1) > 0 && strncmp(target, "pipe:", 5) == 0;
	}
	closedir(directory);
	return count;
}

/* The receiver sleeps until everything between it and the sender is full. */
static void fill_up(struct rig *rig, struct flow *flow)
{
	size_t before = SIZE_MAX;

	for (int idle = 0; idle < 15; idle = flow->sent == before ? idle + 1 : 0) {
		before = flow->sent;
		pour(flow, SIZE_MAX);
		rig_turn(rig, 2);
	}
}

static void take_all(struct rig *rig, struct flow *flow)
{
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && flow->got < flow->sent;) {
		drink(flow);
		rig_turn(rig, 0);
	}
	CHECK(flow->good && flow->got == flow->sent);
}

struct bulk {
	struct rig rig;
	struct session session;
	struct flow up, down;
	int pipe_ends; /* of the test's surroundings */
};

/*
 * Both directions at full speed, because one that is alone is not spliced, until more than `ends` of pipes are open,
 * or enough has passed to say that none will be. What went down has arrived then.
 */
static void flow_until_spliced(struct rig *rig, struct flow *up, struct flow *down, int ends)
{
	size_t enough = up->got + 200 * MIB;

	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && up->got < enough;) {
		fill_up(rig, up);
		fill_up(rig, down);
		for (int turns = 0; turns < 50; turns++) {
			pour(up, SIZE_MAX);
			pour(down, SIZE_MAX);
			drink(up);
			drink(down);
			rig_turn(rig, 0);
		}
		if (open_pipe_ends() > ends)
			break;
	}
	take_all(rig, down);
}

/* A session that splices upwards. */
static void start(struct bulk *bulk, struct relay_limits limits)
{
	bulk->pipe_ends = open_pipe_ends();
	rig_open(&bulk->rig, 1);
	rig_relay(&bulk->rig, &bulk->session, limits);
	bulk->up = flow_up(&bulk->session);
	bulk->down = flow_down(&bulk->session);
	flow_until_spliced(&bulk->rig, &bulk->up, &bulk->down, bulk->pipe_ends);
	CHECK(open_pipe_ends() > bulk->pipe_ends);
}

static void finish(struct bulk *bulk)
{
	close_both(&bulk->session);
	rig_close(&bulk->rig);
	CHECK(open_pipe_ends() == bulk->pipe_ends);
}

static void carries_both_ways(void)
{
	static struct bulk bulk;

	start(&bulk, NO_LIMITS);
	size_t enough = bulk.up.got + 64 * MIB;
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && bulk.up.got < enough;) {
		pour(&bulk.up, SIZE_MAX);
		pour(&bulk.down, SIZE_MAX);
		drink(&bulk.up);
		drink(&bulk.down);
		rig_turn(&bulk.rig, 0);
	}
	take_all(&bulk.rig, &bulk.up);
	take_all(&bulk.rig, &bulk.down);
	shutdown(bulk.session.client_fd, SHUT_WR);
	shutdown(bulk.session.target_fd, SHUT_WR);
	const struct entry *ended = rig_wait(&bulk.rig, RECORD_RELAY_ENDED, bulk.session.client);
	CHECK(ended != NULL && ended->record.moved[CLIENT] == (double)bulk.up.sent);
	CHECK(ended != NULL && ended->record.moved[TARGET] == (double)bulk.down.sent);
	finish(&bulk);
}

static void sends_fin_after_what_waits(void)
{
	static struct bulk bulk;
	char bytes[6];

	start(&bulk, NO_LIMITS);
	fill_up(&bulk.rig, &bulk.up);
	shutdown(bulk.session.client_fd, SHUT_WR);
	/* The other direction does not wait for this one. */
	CHECK(send(bulk.session.target_fd, "answer", 6, 0) == 6);
	CHECK(rig_receive(&bulk.rig, bulk.session.client_fd, bytes, 6) && memcmp(bytes, "answer", 6) == 0);
	take_all(&bulk.rig, &bulk.up);
	CHECK(rig_ending(&bulk.rig, bulk.session.target_fd) == 'f');
	shutdown(bulk.session.target_fd, SHUT_WR);
	check_ended(&bulk.rig, &bulk.session, BY_CLIENT_FIN);
	finish(&bulk);
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
	fill_up(&bulk.rig, &bulk.up);
	end_it(&bulk, end);
	other = end == RESET_BY_TARGET ? bulk.session.client_fd : bulk.session.target_fd;
	check_ended(&bulk.rig, &bulk.session, ENDINGS[end]);
	CHECK(rig_ending(&bulk.rig, other) == 'r');
	close_both(&bulk.session);

	rig_relay(&bulk.rig, &bulk.session, NO_LIMITS);
	bulk.up = flow_up(&bulk.session);
	bulk.down = flow_down(&bulk.session);
	flow_until_spliced(&bulk.rig, &bulk.up, &bulk.down, bulk.pipe_ends);
	take_all(&bulk.rig, &bulk.up);
	finish(&bulk);
}

static void idles_out_with_bytes_in_a_pipe(void)
{
	static struct bulk bulk;

	start(&bulk, (struct relay_limits){ .idle_ms = 2000 });
	fill_up(&bulk.rig, &bulk.up);
	check_ended(&bulk.rig, &bulk.session, BY_IDLE);
	CHECK(rig_ending(&bulk.rig, bulk.session.target_fd) == 'r');
	finish(&bulk);
}

static void keeps_to_a_rate_from_then_on(void)
{
	const uint32_t rates[2] = { 1000000, 0 };
	static struct bulk bulk;

	start(&bulk, NO_LIMITS);
	take_all(&bulk.rig, &bulk.up);
	uint64_t before = clock_ms();
	size_t first = bulk.up.got;
	CHECK(engine_set_rates(bulk.rig.engine, bulk.session.client, rates) == 0);
	/* When the thread has passed on two bytes, one after the other, it has read its mail between them. */
	for (int bytes = 0; bytes < 2; bytes++) {
		pour(&bulk.up, bulk.up.sent + 1);
		take_all(&bulk.rig, &bulk.up);
	}
	while (clock_ms() < before + 1000) {
		pour(&bulk.up, SIZE_MAX);
		drink(&bulk.up);
		rig_turn(&bulk.rig, 5);
	}
	size_t most = (clock_ms() - before + 200) * (rates[CLIENT] / 1000);
	CHECK(bulk.up.good && bulk.up.got - first > 200000 && bulk.up.got - first < most);
	finish(&bulk);
}

/* Between a MiB and another; where the receiver's socket is full, an urgent byte may be lost (urgent.c). */
static void passes_an_urgent_byte_in_its_place(void)
{
	static struct bulk bulk;
	uint8_t byte = 0;

	start(&bulk, NO_LIMITS);
	take_all(&bulk.rig, &bulk.up);
	size_t place = bulk.up.sent + MIB;
	bool sent = false;
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && sockatmark(bulk.up.to) != 1;) {
		pour(&bulk.up, sent ? place + MIB : place);
		sent = sent || (bulk.up.sent == place &&
				send(bulk.up.from, "U", 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL) == 1);
		drink(&bulk.up);
		rig_turn(&bulk.rig, 0);
	}
	CHECK(bulk.up.got == place);
	CHECK(recv(bulk.up.to, &byte, 1, MSG_OOB | MSG_DONTWAIT) == 1 && byte == 'U');
	pour(&bulk.up, place + MIB);
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && sip(&bulk.up) <= 0;)
		rig_turn(&bulk.rig, 1);
	take_all(&bulk.rig, &bulk.up);
	finish(&bulk);
}

/* `soft` descriptors allow `ends` of pipes, which slow receivers fill; what finds none is served without. */
static void does_with_few_pipes(rlim_t soft, int ends)
{
	enum { SESSIONS = 5 };
	static struct rig rig;
	struct session sessions[SESSIONS];
	struct flow flows[SESSIONS];
	struct rlimit limit, less;
	int before = open_pipe_ends();

	getrlimit(RLIMIT_NOFILE, &limit);
	less = limit;
	less.rlim_cur = soft;
	CHECK(setrlimit(RLIMIT_NOFILE, &less) == 0);
	rig_open(&rig, 1);
	for (int at = 0; at < SESSIONS; at++) {
		rig_relay(&rig, &sessions[at], NO_LIMITS);
		flows[at] = flow_up(&sessions[at]);
		struct flow down = flow_down(&sessions[at]);
		flow_until_spliced(&rig, &flows[at], &down, open_pipe_ends() < before + ends ? open_pipe_ends() : 0);
		fill_up(&rig, &flows[at]);
	}
	CHECK(open_pipe_ends() <= before + ends && (ends == 0 || open_pipe_ends() > before));
	for (int at = 0; at < SESSIONS; at++) {
		take_all(&rig, &flows[at]);
		close_both(&sessions[at]);
	}
	rig_close(&rig);
	setrlimit(RLIMIT_NOFILE, &limit);
	CHECK(open_pipe_ends() == before);
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
	RUN(does_with_few_pipes(128, 4));
	RUN(does_with_few_pipes(63, 0));
}
