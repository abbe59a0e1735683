/*
 * The event loop of the engine: accepts, connects, reads and writes for the handshakes of JavaScript, and relays. It
 * owns an epoll descriptor. The caller polls that one descriptor and calls engine_turn(), which handles pending
 * events and leaves a batch of records in shared memory. All functions are for one thread, and none waits.
 *
 * Sockets are known by handles (leg.h). Functions return 0 or more, or -errno: -EBADF for a handle that is stale or
 * was never given out, -EINVAL for one in the wrong state.
 */
#ifndef PICOSOCKS5_ENGINE_H
#define PICOSOCKS5_ENGINE_H

#include "../relay/relay.h"
#include "../unix/socket.h"

/* The layout of the shared memory; addon_layout.c tells JavaScript its fields. */
#define ENGINE_RECORDS 512
#define ENGINE_ARENA_SIZE (256 * 1024)
#define ENGINE_READ_SIZE (16 * 1024)
#define ENGINE_SCRATCH_SIZE (64 * 1024)

/* The family of a client of a Unix socket, beside 4 and 6. */
#define ENGINE_UNIX 1

enum engine_record_kind {
	RECORD_ACCEPTED, /* handle, origin, address; first bytes as for READ, or length -1 */
	RECORD_READ, /* handle, offset and length: 0 for FIN; or error */
	RECORD_CONNECTED, /* handle; or error, and the handle is gone */
	RECORD_RESET, /* handle, error */
	RECORD_RELAY_ENDED, /* handle of the client's leg, origin: enum relay_ending, error, moved */
	RECORD_STARVED, /* handle of a listener, error: accepting waits for descriptors or memory */
	RECORD_DATAGRAM, /* handle, offset from udp_shared.incoming, length, address: see engine_udp.h */
	RECORD_DRAINED, /* handle: the kernel has taken what engine_write() had to keep */
	RECORD_CROWDED, /* as many relays are stalled as engine_survey() was told to tell of */
};

struct engine_record {
	int32_t kind;
	int32_t handle;
	int32_t origin;
	int32_t offset; /* of bytes in the arena, or of a datagram */
	int32_t length;
	int32_t error;
	int32_t family; /* 4, 6 or ENGINE_UNIX */
	int32_t port;
	uint8_t address[16];
	union {
		double moved[2];
		uint32_t zone; /* index of that of the address, 0 for none; a uid, -1 for an unknown one */
	};
};

struct engine_shared {
	struct engine_record records[ENGINE_RECORDS];
	uint8_t arena[ENGINE_ARENA_SIZE];
	uint8_t scratch[ENGINE_SCRATCH_SIZE]; /* what engine_read() read; what JavaScript gives and gets in calls */
};

/* Returned by engine_read() when a RECORD_READ will follow. */
#define ENGINE_WAIT (-EAGAIN)

struct engine;

struct engine_options {
	unsigned workers; /* relay threads; 0 is 1 */
	bool pipes_ahead; /* opens their pipes now: another account may not get as many or as large ones later */
	struct socket_options outgoing;
};

/* An engine that fills `shared`, or NULL with `*error` set to an errno. */
struct engine *engine_open(const struct engine_options *options, struct engine_shared *shared, int *error);

/* Closes every socket and stops the relay threads. */
void engine_close(struct engine *engine);

/* The descriptor that is readable when engine_turn() has something to do. */
int engine_poll_fd(const struct engine *engine);

/* Handles events; returns the number of records. Their bytes are valid until the next call. */
int engine_turn(struct engine *engine);

/* Whether engine_turn() should be called again before polling. */
bool engine_has_more(const struct engine *engine);

/* Whether more sockets are open than `quiet`, which keep no process alive. */
bool engine_is_busy(const struct engine *engine, uint32_t quiet);

/* A listener. With `defer` the kernel keeps clients back until they speak, or for a second. */
int engine_listen(struct engine *engine, const union address *address, bool defer);

/* The same with a socket that listens already and becomes the engine's, which closes it on failure. */
int engine_listen_on(struct engine *engine, int fd, bool defer);

/* The same with a Unix socket. Its clients have family ENGINE_UNIX, and their uid in the place of a zone. */
int engine_listen_unix(struct engine *engine, int fd, bool defer);

/* The descriptor of a listener, which stays its own, for passing it to another process. */
int engine_descriptor(struct engine *engine, uint32_t handle);

/*
 * Connects a leg; RECORD_CONNECTED follows. `from` and `marks` may be NULL. `*failed` names the option that could not
 * be set.
 */
int engine_dial(struct engine *engine, const union address *to, const union address *from,
		const struct socket_marks *marks, enum socket_option *failed);

/* The address from which engine_dial() would leave towards `to`; see departure.h. */
int engine_departure(const struct engine *engine, const union address *to, const struct socket_marks *marks,
		     enum socket_option *failed, union address *local);

/* The local address. */
int engine_local(struct engine *engine, uint32_t handle, union address *address);

/* Writes family, port, address and zone into a record. */
void engine_put_address(struct engine_record *record, const union address *address);

/* Bytes read into the scratch memory, 0 after FIN, or ENGINE_WAIT. */
int engine_read(struct engine *engine, uint32_t handle);

/* Sends, or keeps up to REST_LIMIT bytes (leg.h); returns the bytes kept. If there are any, RECORD_DRAINED follows. */
int engine_write(struct engine *engine, uint32_t handle, const uint8_t *bytes, size_t size);

/* Sends FIN after the written bytes; reading goes on. Not for a leg that is to be relayed. */
int engine_finish(struct engine *engine, uint32_t handle);

/*
 * Gives an open leg away: returns its descriptor, which is the caller's, and the handle is gone. -EBUSY while bytes
 * wait to be sent.
 */
int engine_detach(struct engine *engine, uint32_t handle);

/* Closes a listener, a UDP socket, or a leg that is not relayed. */
int engine_close_leg(struct engine *engine, uint32_t handle, enum close_how how);

/*
 * Relays two open legs; the `early` bytes read from each (by enum side) go to the other first. RECORD_RELAY_ENDED
 * follows in any case.
 */
int engine_relay(struct engine *engine, uint32_t client, uint32_t target, struct relay_limits limits,
		 const struct bytes early[2]);

/* Ends a relay, named by its client's leg; RECORD_RELAY_ENDED follows, unless it already has. */
int engine_cut(struct engine *engine, uint32_t client, enum close_how how);

/* Changes the rates of a relay, named by its client's leg (relay_set_rates()). */
int engine_set_rates(struct engine *engine, uint32_t client, const uint32_t bytes_per_second[2]);

/* The number of relays with bytes that their receiver has not taken. */
uint32_t engine_stalled(const struct engine *engine);

/*
 * Copies at most `room` stalled relays (stall.h) and returns their number. Relay threads survey when asked, so their
 * part is as old as the last call, and some relays may have ended. RECORD_CROWDED follows once `tell_at` or more are
 * stalled; 0: never.
 */
size_t engine_survey(struct engine *engine, struct stalled *list, size_t room, uint32_t tell_at);

/* Changes the stop of a relay, named by its client's leg (relay_set_stop()). */
int engine_set_stop(struct engine *engine, uint32_t client, uint64_t stop);

/* Bytes read from client and target so far. */
int engine_progress(struct engine *engine, uint32_t client, double moved[2]);

#endif
