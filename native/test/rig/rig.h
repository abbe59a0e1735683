/* A rig that turns an engine and remembers its records, with sessions whose far ends are sockets of the test. */
#ifndef PICOSOCKS5_RIG_H
#define PICOSOCKS5_RIG_H

#include "../../engine/engine.h"
#include "checks.h"

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

#endif
