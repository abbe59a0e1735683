/* Accepting: as many clients per wake-up as there usually are, with a pause when descriptors or memory run out. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unix/check.h"
#include "engine_state.h"

#define MOST_AT_ONCE 64
#define PAUSE_MS 1000

static void watch_listeners(struct engine *engine, uint32_t events)
{
	for (struct leg *leg = engine->listeners; leg != NULL; leg = leg->next) {
		struct epoll_event want = { .events = events, .data.u64 = leg->handle };
		epoll_ctl(engine->loop.epoll, EPOLL_CTL_MOD, leg->fd, &want);
	}
}

static void pause_accepting(struct engine *engine, const struct leg *listener, int error)
{
	engine->accept_paused = true;
	watch_listeners(engine, 0);
	wheel_set(&engine->loop.wheel, &engine->accept_timer, engine->loop.now_ms, engine->loop.now_ms + PAUSE_MS);
	if (engine->accept_told)
		return;
	engine->accept_told = true;
	engine_add_record(engine, RECORD_STARVED, listener->handle)->error = error;
}

void engine_resume_accepting(struct engine *engine)
{
	if (!engine->accept_paused)
		return;
	engine->accept_paused = false;
	timer_clear(&engine->accept_timer);
	watch_listeners(engine, EPOLLIN);
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == ENOSPC;
}

/* A SOCKS client speaks first, and the kernel has waited for its bytes: most first reads find the greeting. */
static int read_first(struct engine *engine, struct leg *listener, struct leg *leg)
{
	if (!listener->speaks_first)
		return ENGINE_WAIT;
	leg->readable = true;
	return engine_receive(leg, engine->shared->arena + engine->arena_used, ENGINE_READ_SIZE);
}

static void put_client(struct engine_record *record, int fd, const union address *remote)
{
	struct socket_peer peer;

	if (remote->any.sa_family != AF_UNIX) {
		engine_put_address(record, remote);
		return;
	}
	record->family = ENGINE_UNIX;
	record->zone = socket_unix_peer(fd, &peer) == 0 ? peer.uid : UINT32_MAX;
}

/* 0, or -errno for a shortage. A client that has left already is dropped. */
static int admit(struct engine *engine, struct leg *listener, int fd, const union address *remote)
{
	struct leg *leg = legs_take(&engine->legs, fd, LEG_OPEN);

	if (leg == NULL) {
		close(fd);
		return -ENOMEM;
	}
	int size = read_first(engine, listener, leg);
	int status = engine_watch(engine, leg, EPOLLIN | EPOLLRDHUP | EPOLLPRI | EPOLLET);
	if (status < 0 || (size < 0 && size != ENGINE_WAIT)) {
		leg_close_fd(leg);
		legs_give_back(&engine->legs, leg);
		return status;
	}
	struct engine_record *record = engine_add_record(engine, RECORD_ACCEPTED, leg->handle);
	record->origin = (int32_t)listener->handle;
	record->offset = (int32_t)engine->arena_used;
	record->length = size < 0 ? -1 : size;
	put_client(record, fd, remote);
	engine->arena_used += size > 0 ? (size_t)size : 0;
	return 0;
}

static int accept_one(struct engine *engine, struct leg *listener)
{
	union address remote = { 0 };
	socklen_t size = sizeof remote;
	int fd = accept4(listener->fd, &remote.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

	return fd < 0 ? -errno : admit(engine, listener, fd, &remote);
}

void engine_accept(struct engine *engine, struct leg *listener)
{
	/* The listener is level-triggered: the remaining clients are reported again, so guessing low costs no system call. */
	for (unsigned count = 0; count < engine->accept_at_once; count++) {
		if (!engine_has_room(engine))
			return;
		int status = accept_one(engine, listener);
		if (status == -EAGAIN || status == -EWOULDBLOCK) {
			engine->accept_at_once = count > 0 ? count : 1;
			engine->accept_told = false;
			return;
		}
		if (is_shortage(-status)) {
			pause_accepting(engine, listener, -status);
			return;
		}
	}
	if (engine->accept_at_once < MOST_AT_ONCE)
		engine->accept_at_once++;
}
