/* See worker.h. */
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The larger the reads, the less CPU a byte costs (docs/performance.md); what a slow receiver leaves must be held. */
#define BUFFER_SIZE REST_LIMIT
#define BUDGET (4 * BUFFER_SIZE)
#define EVENTS_AT_ONCE 64
#define STACK_SIZE (128 * 1024)

struct worker {
	struct loop loop;
	struct post *post;
	pthread_t thread;
	_Atomic uint32_t load;
	int wake_fd;
	size_t held;
	pthread_mutex_t lock; /* guards what follows, and the mail fields of relays */
	struct relay *mail;
	struct relay **mail_end;
	bool stopping;
};

void wake(int event_fd)
{
	const uint64_t one = 1;

	/* It can only fail when the counter is full, and then the reader is awake anyway. */
	while (write(event_fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

void wake_taken(int event_fd)
{
	uint64_t count;

	while (read(event_fd, &count, sizeof count) < 0 && errno == EINTR)
		;
}

uint32_t worker_load(const struct worker *worker)
{
	return atomic_load_explicit(&worker->load, memory_order_relaxed);
}

/* With the lock held. True when the thread has to be woken. */
static bool post_mail(struct worker *worker, struct relay *relay)
{
	bool was_empty = worker->mail == NULL;

	if (relay->mailed)
		return false;
	relay->mailed = true;
	relay->mail_next = NULL;
	*worker->mail_end = relay;
	worker->mail_end = &relay->mail_next;
	return was_empty;
}

void worker_adopt(struct worker *worker, struct relay *relay)
{
	relay->worker = worker;
	atomic_fetch_add_explicit(&worker->load, 1, memory_order_relaxed);
	pthread_mutex_lock(&worker->lock);
	bool asleep = post_mail(worker, relay);
	pthread_mutex_unlock(&worker->lock);
	if (asleep)
		wake(worker->wake_fd);
}

void worker_cut(struct worker *worker, struct relay *relay, enum close_how how)
{
	bool asleep = false;

	pthread_mutex_lock(&worker->lock);
	if (!relay->gone) {
		relay->cut = true;
		relay->cut_how = (uint8_t)how;
		asleep = post_mail(worker, relay);
	}
	pthread_mutex_unlock(&worker->lock);
	if (asleep)
		wake(worker->wake_fd);
}

/* With the lock held. */
static void take_out_of_mail(struct worker *worker, struct relay *relay)
{
	struct relay **link = &worker->mail;

	while (*link != relay)
		link = &(*link)->mail_next;
	*link = relay->mail_next;
	if (worker->mail_end == &relay->mail_next)
		worker->mail_end = link;
	relay->mailed = false;
}

/* The next letter, with what it asks for; NULL for none. */
static struct relay *next_mail(struct worker *worker, bool *cut, enum close_how *how)
{
	pthread_mutex_lock(&worker->lock);
	struct relay *relay = worker->mail;
	if (relay != NULL) {
		take_out_of_mail(worker, relay);
		*cut = relay->cut;
		*how = (enum close_how)relay->cut_how;
	}
	pthread_mutex_unlock(&worker->lock);
	return relay;
}

static void read_mail(struct worker *worker)
{
	struct relay *relay;
	bool cut = false;
	enum close_how how = CLOSE_FIN;

	wake_taken(worker->wake_fd);
	while ((relay = next_mail(worker, &cut, &how)) != NULL) {
		if (!relay->adopted) {
			relay->adopted = true;
			if (relay_adopt(&worker->loop, relay) < 0)
				relay_end(&worker->loop, relay, BY_CUT, CLOSE_RESET);
		}
		if (cut)
			relay_end(&worker->loop, relay, BY_CUT, how);
	}
}

/* Gives back what ended in this turn. No letter about such a relay is left or can come any more. */
static void give_back(struct worker *worker)
{
	struct relay *first = worker->loop.ended, *last = NULL;

	if (first == NULL)
		return;
	worker->loop.ended = NULL;
	pthread_mutex_lock(&worker->lock);
	for (struct relay *relay = first; relay != NULL; relay = relay->next) {
		if (relay->mailed)
			take_out_of_mail(worker, relay);
		relay->gone = true;
		atomic_fetch_sub_explicit(&worker->load, 1, memory_order_relaxed);
		last = relay;
	}
	pthread_mutex_unlock(&worker->lock);

	pthread_mutex_lock(&worker->post->lock);
	bool was_empty = worker->post->ended == NULL;
	last->next = worker->post->ended;
	worker->post->ended = first;
	pthread_mutex_unlock(&worker->post->lock);
	if (was_empty)
		wake(worker->post->wake_fd);
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

/* One wake-up. False when it was the last. */
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
	if (mail)
		read_mail(worker);
	give_back(worker);
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
	free(worker->loop.buffer);
	free(worker);
}

/* 0 or an errno. */
static int prepare(struct worker *worker)
{
	struct epoll_event want = { .events = EPOLLIN, .data.ptr = NULL };

	worker->loop.buffer_size = BUFFER_SIZE;
	worker->loop.budget = BUDGET;
	worker->loop.held = &worker->held;
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

struct worker *worker_start(struct post *post, int *error)
{
	struct worker *worker = calloc(1, sizeof *worker);

	if (worker == NULL) {
		*error = ENOMEM;
		return NULL;
	}
	worker->post = post;
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
