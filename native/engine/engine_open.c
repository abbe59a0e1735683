/* Opening an engine and closing it. See engine.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../unix/check.h"
#include "engine_state.h"

/* Young relays move little: a full buffer shows that one belongs on a relay thread. */
#define BUFFER_SIZE (64 * 1024)

/*
 * Bytes that all relays keep for slow receivers, in memory and in pipes. Each thread may go beyond it by what it takes in
 * at once.
 */
#define HELD_MOST ((size_t)64 * 1024 * 1024)

static int watch_special(struct engine *engine, int fd, uint64_t which)
{
	struct epoll_event want = { .events = EPOLLIN | EPOLLET, .data.u64 = which };

	if (fd < 0 || epoll_ctl(engine->loop.epoll, EPOLL_CTL_ADD, fd, &want) < 0)
		return -errno;
	return 0;
}

static int start_workers(struct engine *engine, const struct engine_options *options)
{
	const struct worker_plan plan = {
		.ledger = &engine->legs.ledger,
		.pipes = pipes_share(options->workers),
		.pipes_ahead = options->pipes_ahead,
	};
	int error = 0;

	engine->workers = calloc(options->workers, sizeof(struct worker *));
	if (engine->workers == NULL)
		return -ENOMEM;
	while (engine->worker_count < options->workers) {
		struct worker *worker = worker_start(&engine->post, &plan, &error);
		if (worker == NULL)
			return -error;
		engine->workers[engine->worker_count++] = worker;
	}
	return 0;
}

static int prepare(struct engine *engine, const struct engine_options *options)
{
	engine->accept_at_once = 1;
	engine->crowd_told = true;
	engine->loop.buffer_size = BUFFER_SIZE;
	engine->loop.budget = BUFFER_SIZE;
	engine->legs.ledger.most = HELD_MOST;
	engine->loop.ledger = &engine->legs.ledger;
	engine->loop.stalls.crowd = &engine->post.crowd;
	engine->loop.buffer = malloc(BUFFER_SIZE);
	if (engine->loop.buffer == NULL)
		return -ENOMEM;
	engine->loop.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (engine->loop.epoll < 0)
		return -errno;
	engine->post.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	engine->post.crowd.wake_fd = engine->post.wake_fd;
	TRY(watch_special(engine, engine->post.wake_fd, EVENT_WAKE));
	engine->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	TRY(watch_special(engine, engine->timer_fd, EVENT_TIMER));
	return start_workers(engine, options);
}

struct engine *engine_open(const struct engine_options *options, struct engine_shared *shared, int *error)
{
	struct engine *engine = calloc(1, sizeof *engine);
	struct engine_options wanted = *options;

	*error = ENOMEM;
	if (engine == NULL)
		return NULL;
	engine->shared = shared;
	engine->outgoing = options->outgoing;
	engine->loop.epoll = engine->timer_fd = engine->post.wake_fd = -1;
	pthread_mutex_init(&engine->post.lock, NULL);
	wanted.workers = wanted.workers > 0 ? wanted.workers : 1;
	*error = -prepare(engine, &wanted);
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
	engine_free_udp(engine);
	free(engine->loop.buffer);
	free(engine);
}
