/* The inside of an engine, shared by the files engine*.c only. */
#ifndef PICOSOCKS5_ENGINE_STATE_H
#define PICOSOCKS5_ENGINE_STATE_H

#include <sys/epoll.h>

#include "engine.h"
#include "../relay/worker.h"

#define EVENTS_AT_ONCE 256

struct engine {
	struct loop loop;
	struct engine_shared *shared;
	int record_count;
	size_t arena_used;
	struct epoll_event events[EVENTS_AT_ONCE]; /* what epoll_wait() gave, worked off from next_event */
	int next_event, event_count;

	struct udp *udp; /* NULL until the first UDP socket */

	struct legs legs;
	struct socket_options outgoing;

	struct leg *listeners;
	unsigned accept_at_once;
	bool accept_paused;
	bool accept_told; /* that it is paused; until the backlog was empty again */
	struct timer accept_timer;

	int timer_fd;
	uint64_t timer_due_ms; /* 0: not set */
	struct post post; /* relays that ended on relay threads */
	bool crowd_told; /* RECORD_CROWDED was made, and engine_survey() not called since */
	struct worker **workers;
	unsigned worker_count;
};

/* Items of the epoll set that are no handles. */
#define EVENT_WAKE (UINT64_C(1) << 32)
#define EVENT_TIMER (UINT64_C(2) << 32)

/* Whether one more record with bytes fits into the batch. */
bool engine_has_room(const struct engine *engine);

struct engine_record *engine_add_record(struct engine *engine, enum engine_record_kind kind, uint32_t handle);

/* Reads into the batch, if the leg waits for bytes and there are any. */
void engine_serve_read(struct engine *engine, struct leg *leg);

/* Reads up to `most` bytes: 0 for FIN, ENGINE_WAIT, or -errno. */
int engine_receive(struct leg *leg, uint8_t *bytes, size_t most);

/*
 * Makes a leg for a new socket, in the epoll set, and returns its handle. On failure the socket is closed; a -errno
 * is passed on.
 */
int engine_enter(struct engine *engine, int fd, enum leg_state state, uint32_t events);

/* The leg of a handle, if it is in that state: 0, -EBADF or -EINVAL. */
int engine_find(const struct engine *engine, uint32_t handle, enum leg_state state, struct leg **leg);

/* Adds a socket to the epoll set. */
int engine_watch(struct engine *engine, struct leg *leg, uint32_t events);

/* Handles epoll's report on a leg that is connecting, open or lingering. */
void engine_connecting_event(struct engine *engine, struct leg *leg, uint32_t events);
void engine_open_event(struct engine *engine, struct leg *leg, uint32_t events);
void engine_lingering_event(struct engine *engine, struct leg *leg, uint32_t events);

/* Begins a batch: the datagrams of the previous one are overwritten from now on. */
void engine_begin_udp(struct engine *engine);

/* Whether the batch has room for another datagram. */
bool engine_udp_has_room(const struct engine *engine);

/* Receives some of the datagrams that wait at a UDP socket. */
void engine_udp_event(struct engine *engine, struct leg *leg);

void engine_free_udp(struct engine *engine);

/* Sends FIN, once, as soon as no bytes wait before it. */
void engine_send_fin(struct leg *leg);

/* Sends the rest, then FIN, then discards what arrives, for a bounded time. */
void engine_linger(struct engine *engine, struct leg *leg);

/* Closes the descriptor of a leg and gives its handle back. */
void engine_drop(struct engine *engine, struct leg *leg, enum close_how how);

/* Accepts the clients that wait at a listener. */
void engine_accept(struct engine *engine, struct leg *listener);

/* Accepts again after a pause: a descriptor has become free, or some time has passed. */
void engine_resume_accepting(struct engine *engine);

/* Moves a busy relay to a relay thread. */
void engine_settle(struct engine *engine, struct relay *relay);

/* Makes the timer descriptor fire in time for the wheel. */
void engine_arm_timer(struct engine *engine);

#endif
