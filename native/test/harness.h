/* Shared by the native tests: checks that count, and a rig that turns an engine and remembers its records. */
#ifndef PICOSOCKS5_HARNESS_H
#define PICOSOCKS5_HARNESS_H

#include "../engine/engine.h"

/* Says where a condition does not hold; the test goes on, and has failed. */
#define CHECK(condition) check(condition, #condition, __FILE__, __LINE__)

void check(bool condition, const char *text, const char *file, int line);

/*
 * One test: counts as passed when every CHECK in it held. The machine has other users too: a few that fail run once
 * more, and are told (HACKING.md, "Accidents").
 */
#define RUN(test)                        \
	do {                             \
		test;                    \
		if (test_again(#test))   \
			test;            \
		test_done(#test);        \
	} while (0)

/* Whether it failed, and may have failed by accident: then its failures are forgotten. */
bool test_again(const char *name);
void test_done(const char *name);

/* Prints `N passed, N failed`; the exit status of the program. */
int check_summary(void);

#define RIG_LOG 4096
#define RIG_BYTES 32

struct entry {
	struct engine_record record;
	uint8_t bytes[RIG_BYTES]; /* the first ones */
	bool taken;
};

struct rig {
	struct engine *engine;
	struct engine_shared *shared;
	struct entry log[RIG_LOG];
	int log_size;
	int listener; /* handle */
	uint16_t port; /* of the listener */
	int target_listener; /* a plain socket of the test */
	uint16_t target_port;
};

/* A relayed session: the far ends are plain non-blocking sockets of the test. */
struct session {
	int client_fd, target_fd;
	uint32_t client, target;
};

void rig_open(struct rig *rig, unsigned workers);
void rig_open_with(struct rig *rig, const struct engine_options *options);
void rig_close(struct rig *rig);

/* One wait of at most `wait_ms` and the turns that follow. */
void rig_turn(struct rig *rig, int wait_ms);

/* The next record of that kind and handle (-1: any), waiting up to 15 s; NULL after that. */
const struct entry *rig_wait(struct rig *rig, enum engine_record_kind kind, int64_t handle);

/* A plain socket connected to the rig's listener that has said `text`. */
int rig_client(struct rig *rig, const char *text);

/* Connects a client and a target and relays them. `early` is what the client said with its first byte. */
void rig_relay(struct rig *rig, struct session *session, struct relay_limits limits);

/* Receives exactly `size` bytes while the engine turns; false at the end of the stream or after 15 s. */
bool rig_receive(struct rig *rig, int fd, void *bytes, size_t size);

/* 'f' for FIN, 'r' for RST, '?' for neither within 15 s. Throws away bytes that come before. */
char rig_ending(struct rig *rig, int fd);

/* Sends and receives so often that the session moves to a relay thread. */
void rig_chat(struct rig *rig, const struct session *session);

/* Descriptors that this process has open. */
int open_descriptors(void);

/* A record of a relay's end, checked for what ended it. */
void check_ended(struct rig *rig, const struct session *session, enum relay_ending ending);

void close_both(const struct session *session);

void test_confine(void);
void test_tickets(void);
void test_wheel(void);
void test_rate(void);
void test_legs(void);
void test_engine(void);
void test_relay(void);
void test_limits(void);
void test_bulk(void);
void test_splice(void);
void test_stress(void);
void test_small(void);
void test_udp(void);
void test_stall(void);
void test_delivery(void);

#endif
