/* How relays come to a relay thread and leave it. See worker.h. */
#include "worker_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void wake(int event_fd)
{
	const uint64_t one = 1;

	/* Writing fails only when the counter is full, and then the reader is awake anyway. */
	while (write(event_fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

void wake_taken(int event_fd)
{
	uint64_t count;

	while (read(event_fd, &count, sizeof count) < 0 && errno == EINTR)
		;
}

/* Call it with the lock held. True if the thread has to be woken. */
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
		relay->wish.cut = true;
		relay->wish.cut_how = (uint8_t)how;
		asleep = post_mail(worker, relay);
	}
	pthread_mutex_unlock(&worker->lock);
	if (asleep)
		wake(worker->wake_fd);
}

void worker_set_rates(struct worker *worker, struct relay *relay, const uint32_t bytes_per_second[2])
{
	bool asleep = false;

	pthread_mutex_lock(&worker->lock);
	if (!relay->gone) {
		relay->wish.new_rates = true;
		memcpy(relay->wish.rates, bytes_per_second, sizeof relay->wish.rates);
		asleep = post_mail(worker, relay);
	}
	pthread_mutex_unlock(&worker->lock);
	if (asleep)
		wake(worker->wake_fd);
}

void worker_set_stop(struct worker *worker, struct relay *relay, uint64_t stop)
{
	bool asleep = false;

	pthread_mutex_lock(&worker->lock);
	if (!relay->gone) {
		relay->wish.new_stop = true;
		relay->wish.stop = stop;
		asleep = post_mail(worker, relay);
	}
	pthread_mutex_unlock(&worker->lock);
	if (asleep)
		wake(worker->wake_fd);
}

/* Call it with the lock held. */
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

/* The next letter, with its request; NULL for none. */
static struct relay *next_mail(struct worker *worker, struct wish *wish)
{
	pthread_mutex_lock(&worker->lock);
	struct relay *relay = worker->mail;
	if (relay != NULL) {
		take_out_of_mail(worker, relay);
		*wish = relay->wish;
		relay->wish = (struct wish){ 0 };
	}
	pthread_mutex_unlock(&worker->lock);
	return relay;
}

void worker_read_mail(struct worker *worker)
{
	struct relay *relay;
	struct wish wish;

	wake_taken(worker->wake_fd);
	while ((relay = next_mail(worker, &wish)) != NULL) {
		if (!relay->adopted) {
			relay->adopted = true;
			if (relay_adopt(&worker->loop, relay) < 0)
				relay_end(&worker->loop, relay, BY_CUT, CLOSE_RESET);
		}
		if (wish.cut)
			relay_end(&worker->loop, relay, BY_CUT, (enum close_how)wish.cut_how);
		if (wish.new_rates)
			relay_set_rates(&worker->loop, relay, wish.rates);
		if (wish.new_stop)
			relay_set_stop(&worker->loop, relay, wish.stop);
	}
}

size_t worker_survey(struct worker *worker, struct stalled *list, size_t room)
{
	pthread_mutex_lock(&worker->lock);
	size_t count = worker->found_count < room ? worker->found_count : room;
	if (count > 0)
		memcpy(list, worker->found, count * sizeof *list);
	worker->survey_wanted = true;
	pthread_mutex_unlock(&worker->lock);
	wake(worker->wake_fd);
	return count;
}

static bool take_survey_wish(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	bool wanted = worker->survey_wanted;
	worker->survey_wanted = false;
	pthread_mutex_unlock(&worker->lock);
	return wanted;
}

/* Call it with the lock held. If memory is short, the longest stalled are reported. */
static void make_room_to_find(struct worker *worker, size_t count)
{
	if (count <= worker->found_room)
		return;
	struct stalled *more = realloc(worker->found, count * sizeof *more);
	if (more == NULL)
		return;
	worker->found = more;
	worker->found_room = count;
}

void worker_answer_survey(struct worker *worker)
{
	struct loop *loop = &worker->loop;

	if (!take_survey_wish(worker))
		return;
	/* No thread waits for the kernel here: the lock is held for copying only. */
	stall_measure(loop);
	pthread_mutex_lock(&worker->lock);
	make_room_to_find(worker, loop->stalls.count);
	worker->found_count = stall_list(loop, worker->found, worker->found_room);
	pthread_mutex_unlock(&worker->lock);
}

void worker_give_back(struct worker *worker)
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
