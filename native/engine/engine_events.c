/* Events of epoll for legs in a handshake. */
#include <errno.h>
#include <sys/socket.h>

#include "engine_state.h"

/* How long a closed leg waits for the peer's FIN, as CLOSE_LINGER_MS in transport.ts. */
#define LINGER_MS 1000

/* A peer that sends more than this at once to a closed leg is reset. */
#define LINGER_READS 16

int engine_receive(struct leg *leg, uint8_t *bytes, size_t most)
{
	if (leg->ended)
		return 0;
	if (!leg->readable)
		return ENGINE_WAIT;
	ssize_t size = recv(leg->fd, bytes, most, MSG_DONTWAIT);
	if (size < 0) {
		leg->readable = errno == EINTR;
		return -errno;
	}
	if ((size_t)size < most && !leg->urgent) {
		leg->readable = false;
		leg->ended = leg->hung_up;
	}
	if (size == 0)
		leg->ended = true;
	return (int)size;
}

static int pending_error(const struct leg *leg)
{
	int error = 0;
	socklen_t size = sizeof error;

	getsockopt(leg->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return error;
}

void engine_connecting_event(struct engine *engine, struct leg *leg, uint32_t events)
{
	if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP)))
		return;
	struct engine_record *record = engine_add_record(engine, RECORD_CONNECTED, leg->handle);
	int status = events & (EPOLLERR | EPOLLHUP) ? -pending_error(leg) : 0;

	if (status < 0) {
		record->error = -status;
		engine_drop(engine, leg, CLOSE_FIN);
		return;
	}
	leg->state = LEG_OPEN;
	engine_open_event(engine, leg, events & ~(uint32_t)EPOLLERR);
}

static void note_reset(struct engine *engine, struct leg *leg, int error)
{
	leg->wants_read = false;
	leg->broken = true;
	engine_add_record(engine, RECORD_RESET, leg->handle)->error = error;
}

void engine_serve_read(struct engine *engine, struct leg *leg)
{
	if (!leg->wants_read)
		return;
	int size = engine_receive(leg, engine->shared->arena + engine->arena_used, ENGINE_READ_SIZE);
	if (size == ENGINE_WAIT || size == -EINTR)
		return;
	if (size < 0) {
		note_reset(engine, leg, -size);
		return;
	}
	leg->wants_read = false;
	struct engine_record *record = engine_add_record(engine, RECORD_READ, leg->handle);
	record->offset = (int32_t)engine->arena_used;
	record->length = size;
	engine->arena_used += (size_t)size;
}

static void note_events(struct leg *leg, uint32_t events)
{
	if (events & EPOLLPRI)
		leg->urgent = true;
	if (events & (EPOLLRDHUP | EPOLLHUP))
		leg->hung_up = true;
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP))
		leg->readable = true;
}

void engine_send_fin(struct leg *leg)
{
	if (leg->rest != NULL || leg->fin_passed)
		return;
	leg->fin_passed = true;
	shutdown(leg->fd, SHUT_WR);
}

/* Sends the rest. 0 or an errno. */
static int flush(struct engine *engine, struct leg *leg)
{
	int status = leg_flush(leg);

	if (status < 0 || leg->rest != NULL)
		return -status;
	engine_add_record(engine, RECORD_DRAINED, leg->handle);
	if (leg->finishing)
		engine_send_fin(leg);
	return 0;
}

void engine_open_event(struct engine *engine, struct leg *leg, uint32_t events)
{
	int error = events & EPOLLERR ? pending_error(leg) : 0;

	note_events(leg, events);
	if (error == 0 && events & EPOLLOUT && leg->rest != NULL)
		error = flush(engine, leg);
	if (error != 0)
		note_reset(engine, leg, error);
	else
		engine_serve_read(engine, leg);
}

void engine_drop(struct engine *engine, struct leg *leg, enum close_how how)
{
	if (how == CLOSE_RESET)
		leg_reset_fd(leg);
	else
		leg_close_fd(leg);
	legs_give_back(&engine->legs, leg);
	engine_resume_accepting(engine);
}

/* Continues a close by FIN as far as possible without waiting. */
static void advance_linger(struct engine *engine, struct leg *leg)
{
	int size = ENGINE_WAIT;

	engine_send_fin(leg);
	for (int count = 0; count < LINGER_READS; count++) {
		size = engine_receive(leg, engine->loop.buffer, engine->loop.buffer_size);
		if (size <= 0)
			break;
	}
	if (size == 0 && leg->fin_passed)
		engine_drop(engine, leg, CLOSE_FIN);
	else if (size != 0 && size != ENGINE_WAIT)
		engine_drop(engine, leg, CLOSE_RESET);
}

void engine_linger(struct engine *engine, struct leg *leg)
{
	leg->state = LEG_LINGERING;
	leg->urgent = false;
	engine->loop.now_ms = clock_ms();
	wheel_set(&engine->loop.wheel, &leg->timer, engine->loop.now_ms, engine->loop.now_ms + LINGER_MS);
	engine_arm_timer(engine);
	advance_linger(engine, leg);
}

void engine_lingering_event(struct engine *engine, struct leg *leg, uint32_t events)
{
	note_events(leg, events & ~(uint32_t)EPOLLPRI);
	if (events & EPOLLERR || (events & EPOLLOUT && leg_flush(leg) < 0))
		engine_drop(engine, leg, CLOSE_RESET);
	else
		advance_linger(engine, leg);
}
