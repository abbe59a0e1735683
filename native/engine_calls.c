/* What JavaScript calls: opening an engine, and one function for each thing that it wants of a leg. */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "check.h"
#include "engine_state.h"

/* Young relays move little: a full buffer shows one that belongs on a relay thread. */
#define BUFFER_SIZE (64 * 1024)

static int watch_special(struct engine *engine, int fd, uint64_t which)
{
	struct epoll_event want = { .events = EPOLLIN | EPOLLET, .data.u64 = which };

	if (fd < 0 || epoll_ctl(engine->loop.epoll, EPOLL_CTL_ADD, fd, &want) < 0)
		return -errno;
	return 0;
}

static int start_workers(struct engine *engine, unsigned count)
{
	int error = 0;

	engine->workers = calloc(count, sizeof(struct worker *));
	if (engine->workers == NULL)
		return -ENOMEM;
	while (engine->worker_count < count) {
		struct worker *worker = worker_start(&engine->post, &error);
		if (worker == NULL)
			return -error;
		engine->workers[engine->worker_count++] = worker;
	}
	return 0;
}

static int prepare(struct engine *engine, unsigned workers)
{
	engine->accept_at_once = 1;
	engine->loop.buffer_size = BUFFER_SIZE;
	engine->loop.budget = BUFFER_SIZE;
	engine->loop.held = &engine->legs.held;
	engine->loop.buffer = malloc(BUFFER_SIZE);
	if (engine->loop.buffer == NULL)
		return -ENOMEM;
	engine->loop.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (engine->loop.epoll < 0)
		return -errno;
	engine->post.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	TRY(watch_special(engine, engine->post.wake_fd, EVENT_WAKE));
	engine->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	TRY(watch_special(engine, engine->timer_fd, EVENT_TIMER));
	return start_workers(engine, workers);
}

struct engine *engine_open(unsigned workers, const struct socket_options *outgoing, struct engine_shared *shared,
			   int *error)
{
	struct engine *engine = calloc(1, sizeof *engine);

	*error = ENOMEM;
	if (engine == NULL)
		return NULL;
	engine->shared = shared;
	engine->outgoing = *outgoing;
	engine->loop.epoll = engine->timer_fd = engine->post.wake_fd = -1;
	pthread_mutex_init(&engine->post.lock, NULL);
	*error = -prepare(engine, workers > 0 ? workers : 1);
	if (*error == 0)
		return engine;
	engine_close(engine);
	return NULL;
}

static void free_relays(struct legs *legs)
{
	for (uint32_t index = 0; index < legs->size; index++) {
		struct leg *leg = legs_at(legs, index);
		struct relay *relay = leg->state == LEG_RELAYED ? leg->relay : NULL;
		if (relay == NULL)
			continue;
		relay->legs[CLIENT]->relay = relay->legs[TARGET]->relay = NULL;
		free(relay);
	}
}

static void close_legs(struct legs *legs)
{
	for (uint32_t index = 0; index < legs->size; index++) {
		struct leg *leg = legs_at(legs, index);
		if (leg->state == LEG_FREE)
			continue;
		leg->held = &legs->held; /* the thread that counted is gone */
		leg_close_fd(leg);
	}
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void engine_close(struct engine *engine)
{
	for (unsigned at = 0; at < engine->worker_count; at++)
		worker_stop(engine->workers[at]);
	free_relays(&engine->legs);
	close_legs(&engine->legs);
	legs_destroy(&engine->legs);
	close_fd(engine->timer_fd);
	close_fd(engine->post.wake_fd);
	close_fd(engine->loop.epoll);
	pthread_mutex_destroy(&engine->post.lock);
	free(engine->workers);
	free(engine->loop.buffer);
	free(engine);
}

/* A leg for a new socket, in the epoll set; the socket is closed if that fails. */
static int enter(struct engine *engine, int fd, enum leg_state state, uint32_t events)
{
	TRY(fd);
	struct leg *leg = legs_take(&engine->legs, fd, state);
	if (leg == NULL) {
		close(fd);
		return -ENOMEM;
	}
	int status = engine_watch(engine, leg, events);
	if (status < 0) {
		engine_drop(engine, leg, CLOSE_FIN);
		return status;
	}
	return (int)leg->handle;
}

int engine_listen(struct engine *engine, const union address *address, bool defer)
{
	int fd = socket_listen(address, defer, engine->outgoing.keepalive_s);
	int handle = enter(engine, fd, LEG_LISTENING, engine->accept_paused ? 0 : EPOLLIN);

	TRY(handle);
	struct leg *leg = legs_find(&engine->legs, (uint32_t)handle);
	leg->speaks_first = defer;
	leg->next = engine->listeners;
	engine->listeners = leg;
	return handle;
}

int engine_dial(struct engine *engine, const union address *to, const union address *from,
		enum socket_option *failed)
{
	int fd = socket_connect(to, from, &engine->outgoing, failed);
	int handle = enter(engine, fd, LEG_CONNECTING, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET);

	TRY(handle);
	legs_find(&engine->legs, (uint32_t)handle)->dialled = true;
	return handle;
}

/* The leg of a handle, if it is in that state: 0, -EBADF or -EINVAL. */
static int find(const struct engine *engine, uint32_t handle, enum leg_state state, struct leg **leg)
{
	*leg = legs_find(&engine->legs, handle);
	if (*leg == NULL)
		return -EBADF;
	return (*leg)->state == state ? 0 : -EINVAL;
}

int engine_local(struct engine *engine, uint32_t handle, union address *address)
{
	struct leg *leg = legs_find(&engine->legs, handle);

	if (leg == NULL)
		return -EBADF;
	/* The descriptor of a relayed leg belongs to another thread. */
	return leg->state == LEG_RELAYED ? -EINVAL : socket_local(leg->fd, address);
}

int engine_read(struct engine *engine, uint32_t handle)
{
	struct leg *leg;

	TRY(find(engine, handle, LEG_OPEN, &leg));
	int size = engine_receive(leg, engine->shared->scratch, ENGINE_READ_SIZE);
	leg->wants_read = size == ENGINE_WAIT;
	return size;
}

int engine_write(struct engine *engine, uint32_t handle, const uint8_t *bytes, size_t size)
{
	struct leg *leg;

	TRY(find(engine, handle, LEG_OPEN, &leg));
	int status = leg_send(engine->loop.epoll, leg, bytes, size);
	leg->broken |= status < 0;
	return status;
}

static void close_listener(struct engine *engine, struct leg *leg)
{
	struct leg **link = &engine->listeners;

	while (*link != leg)
		link = &(*link)->next;
	*link = leg->next;
	engine_drop(engine, leg, CLOSE_FIN);
}

int engine_close_leg(struct engine *engine, uint32_t handle, enum close_how how)
{
	struct leg *leg = legs_find(&engine->legs, handle);

	if (leg == NULL)
		return -EBADF;
	if (leg->state == LEG_RELAYED || leg->state == LEG_LINGERING)
		return -EINVAL;
	if (leg->state == LEG_LISTENING)
		close_listener(engine, leg);
	else if (leg->state == LEG_OPEN && how == CLOSE_FIN)
		engine_linger(engine, leg);
	else
		engine_drop(engine, leg, how);
	return 0;
}

/* What ends between two turns is reported by the next. */
static void report_soon(struct engine *engine)
{
	if (engine->loop.ended != NULL)
		wake(engine->post.wake_fd);
}

int engine_relay(struct engine *engine, uint32_t client, uint32_t target, struct relay_limits limits,
		 const struct bytes early[2])
{
	struct leg *legs[2];

	TRY(find(engine, client, LEG_OPEN, &legs[CLIENT]));
	TRY(find(engine, target, LEG_OPEN, &legs[TARGET]));
	if (client == target)
		return -EINVAL;
	struct relay *relay = relay_new(legs[CLIENT], legs[TARGET], limits);
	if (relay == NULL)
		return -ENOMEM;
	relay_start(&engine->loop, relay, early);
	engine_settle(engine, relay);
	engine_arm_timer(engine);
	report_soon(engine);
	return 0;
}

static int find_relay(const struct engine *engine, uint32_t client, struct relay **relay)
{
	struct leg *leg;

	TRY(find(engine, client, LEG_RELAYED, &leg));
	*relay = leg->relay;
	return (*relay)->legs[CLIENT] == leg ? 0 : -EINVAL;
}

int engine_cut(struct engine *engine, uint32_t client, enum close_how how)
{
	struct relay *relay;

	TRY(find_relay(engine, client, &relay));
	if (relay->worker != NULL) {
		worker_cut(relay->worker, relay, how);
		return 0;
	}
	relay_end(&engine->loop, relay, BY_CUT, how);
	report_soon(engine);
	return 0;
}

int engine_progress(struct engine *engine, uint32_t client, double moved[2])
{
	struct relay *relay;

	TRY(find_relay(engine, client, &relay));
	for (int side = CLIENT; side <= TARGET; side++)
		moved[side] = (double)atomic_load_explicit(&relay->moved[side], memory_order_relaxed);
	return 0;
}
