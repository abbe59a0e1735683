/* The life of a relay thread. See worker.h. */
#include "worker_state.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Larger reads cost less CPU per byte (docs/performance.md), but the bytes that a slow receiver leaves must be held. */
#define BUFFER_SIZE REST_LIMIT
#define BUDGET (4 * BUFFER_SIZE)
#define EVENTS_AT_ONCE 64
#define STACK_SIZE (128 * 1024)

uint32_t worker_load(const struct worker *worker)
{
	return atomic_load_explicit(&worker->load, memory_order_relaxed);
}

static void check_timers(struct loop *loop)
{
	struct timer *timer;

	while ((timer = wheel_pop(&loop->wheel, loop->now_ms)) != NULL) {
		struct leg *leg = (struct leg *)((char *)timer - offsetof(struct leg, timer));
		relay_timeout(loop, leg->relay);
	}
}

static bool is_stopping(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	bool stopping = worker->stopping;
	pthread_mutex_unlock(&worker->lock);
	return stopping;
}

/* Handles one wake-up. False after the last one. */
static bool turn(struct worker *worker)
{
	struct loop *loop = &worker->loop;
	struct epoll_event events[EVENTS_AT_ONCE];
	int wait_ms = loop->ready != NULL ? 0 : wheel_wait_ms(&loop->wheel, loop->now_ms);
	int count = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE, wait_ms);
	bool mail = false;

	loop->now_ms = clock_ms();
	relay_continue(loop);
	for (int at = 0; at < count; at++) {
		if (events[at].data.ptr == NULL)
			mail = true;
		else
			relay_event(loop, events[at].data.ptr, events[at].events);
	}
	check_timers(loop);
	if (mail) {
		worker_read_mail(worker);
		worker_answer_survey(worker);
	}
	worker_give_back(worker);
	return !mail || !is_stopping(worker);
}

static void *run(void *argument)
{
	struct worker *worker = argument;

	worker->loop.now_ms = clock_ms();
	while (turn(worker))
		;
	return NULL;
}

/* Signals belong to Node's own threads. */
static int create_thread(struct worker *worker)
{
	pthread_attr_t attributes;
	sigset_t all, before;

	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&worker->thread, &attributes, run, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

static void release(struct worker *worker)
{
	if (worker->wake_fd >= 0)
		close(worker->wake_fd);
	if (worker->loop.epoll >= 0)
		close(worker->loop.epoll);
	pthread_mutex_destroy(&worker->lock);
	pipes_close(&worker->pipes);
	free(worker->loop.buffer);
	free(worker->found);
	free(worker);
}

/* 0 or an errno. */
static int prepare(struct worker *worker)
{
	struct epoll_event want = { .events = EPOLLIN, .data.ptr = NULL };

	worker->loop.buffer_size = BUFFER_SIZE;
	worker->loop.budget = BUDGET;
	worker->loop.buffer = malloc(BUFFER_SIZE);
	worker->loop.epoll = epoll_create1(EPOLL_CLOEXEC);
	worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	worker->mail_end = &worker->mail;
	if (worker->loop.buffer == NULL)
		return ENOMEM;
	if (worker->loop.epoll < 0 || worker->wake_fd < 0 ||
	    epoll_ctl(worker->loop.epoll, EPOLL_CTL_ADD, worker->wake_fd, &want) < 0)
		return errno;
	return create_thread(worker);
}

struct worker *worker_start(struct post *post, const struct worker_plan *plan, int *error)
{
	struct worker *worker = calloc(1, sizeof *worker);

	if (worker == NULL) {
		*error = ENOMEM;
		return NULL;
	}
	worker->post = post;
	worker->loop.pipes = &worker->pipes;
	worker->loop.ledger = plan->ledger;
	worker->loop.stalls.crowd = &post->crowd;
	pipes_init(&worker->pipes, plan->pipes);
	if (plan->pipes_ahead)
		pipes_open_all(&worker->pipes);
	pthread_mutex_init(&worker->lock, NULL);
	*error = prepare(worker);
	if (*error == 0)
		return worker;
	release(worker);
	return NULL;
}

void worker_stop(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_mutex_unlock(&worker->lock);
	wake(worker->wake_fd);
	pthread_join(worker->thread, NULL);
	release(worker);
}
