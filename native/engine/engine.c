/* One turn of the loop. See engine.h; what JavaScript calls is in engine_calls.c. */
#include "engine_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

bool engine_has_room(const struct engine *engine)
{
	/* One event can make two records: a connection that is established and read from. */
	return engine->record_count + 2 <= ENGINE_RECORDS &&
	       engine->arena_used + ENGINE_READ_SIZE <= ENGINE_ARENA_SIZE && engine_udp_has_room(engine);
}

struct engine_record *engine_add_record(struct engine *engine, enum engine_record_kind kind, uint32_t handle)
{
	struct engine_record *record = &engine->shared->records[engine->record_count++];

	*record = (struct engine_record){ .kind = (int32_t)kind, .handle = (int32_t)handle };
	return record;
}

void engine_put_address(struct engine_record *record, const union address *address)
{
	if (address->any.sa_family == AF_INET) {
		record->family = 4;
		record->port = ntohs(address->v4.sin_port);
		memcpy(record->address, &address->v4.sin_addr, sizeof address->v4.sin_addr);
	} else {
		record->family = 6;
		record->port = ntohs(address->v6.sin6_port);
		memcpy(record->address, &address->v6.sin6_addr, sizeof address->v6.sin6_addr);
		record->zone = address_zone(address);
	}
}

int engine_watch(struct engine *engine, struct leg *leg, uint32_t events)
{
	struct epoll_event want = { .events = events, .data.u64 = leg->handle };

	leg->watches_out = (events & EPOLLOUT) != 0;
	return epoll_ctl(engine->loop.epoll, EPOLL_CTL_ADD, leg->fd, &want) < 0 ? -errno : 0;
}

static struct worker *least_loaded(const struct engine *engine)
{
	struct worker *best = engine->workers[0];

	for (unsigned at = 1; at < engine->worker_count; at++)
		if (worker_load(engine->workers[at]) < worker_load(best))
			best = engine->workers[at];
	return best;
}

void engine_settle(struct engine *engine, struct relay *relay)
{
	if (relay->over || !relay_is_busy(relay))
		return;
	relay_detach(&engine->loop, relay);
	worker_adopt(least_loaded(engine), relay);
}

static void leg_event(struct engine *engine, struct leg *leg, uint32_t events)
{
	switch ((enum leg_state)leg->state) {
	case LEG_LISTENING:
		engine_accept(engine, leg);
		break;
	case LEG_CONNECTING:
		engine_connecting_event(engine, leg, events);
		break;
	case LEG_OPEN:
		engine_open_event(engine, leg, events);
		break;
	case LEG_LINGERING:
		engine_lingering_event(engine, leg, events);
		break;
	case LEG_RELAYED:
		if (leg->relay->worker == NULL) {
			relay_event(&engine->loop, leg, events);
			engine_settle(engine, leg->relay);
		}
		break;
	case LEG_UDP:
		engine_udp_event(engine, leg);
		break;
	case LEG_FREE:
		break;
	}
}

/* At most one RECORD_CROWDED follows each engine_survey(). */
static void note_crowd(struct engine *engine)
{
	if (engine->crowd_told || atomic_load(&engine->post.crowd.tell_at) != 0)
		return;
	engine->crowd_told = true;
	engine_add_record(engine, RECORD_CROWDED, 0);
}

static void collect_post(struct engine *engine)
{
	wake_taken(engine->post.wake_fd);
	note_crowd(engine);
	pthread_mutex_lock(&engine->post.lock);
	struct relay *relay = engine->post.ended;
	engine->post.ended = NULL;
	pthread_mutex_unlock(&engine->post.lock);
	while (relay != NULL) {
		struct relay *next = relay->next;
		relay->next = engine->loop.ended;
		engine->loop.ended = relay;
		relay = next;
	}
}

/* Reports ended relays, as many as fit, and frees them. */
static void report_ended(struct engine *engine)
{
	struct relay *relay;

	while ((relay = engine->loop.ended) != NULL && engine_has_room(engine)) {
		engine->loop.ended = relay->next;
		struct engine_record *record =
			engine_add_record(engine, RECORD_RELAY_ENDED, relay->legs[CLIENT]->handle);
		record->origin = relay->ending;
		record->error = relay->error;
		record->moved[CLIENT] = (double)relay->moved[CLIENT];
		record->moved[TARGET] = (double)relay->moved[TARGET];
		legs_give_back(&engine->legs, relay->legs[CLIENT]);
		legs_give_back(&engine->legs, relay->legs[TARGET]);
		free(relay);
		engine_resume_accepting(engine);
	}
}

static void check_timers(struct engine *engine)
{
	struct loop *loop = &engine->loop;
	struct timer *timer;

	while ((timer = wheel_pop(&loop->wheel, loop->now_ms)) != NULL) {
		struct leg *leg = (struct leg *)((char *)timer - offsetof(struct leg, timer));
		if (timer == &engine->accept_timer) {
			engine_resume_accepting(engine);
		} else if (leg->state == LEG_LINGERING) {
			engine_drop(engine, leg, leg->rest == NULL ? CLOSE_FIN : CLOSE_RESET);
		} else {
			relay_timeout(loop, leg->relay);
			engine_settle(engine, leg->relay);
		}
	}
}

void engine_arm_timer(struct engine *engine)
{
	int wait_ms = wheel_wait_ms(&engine->loop.wheel, engine->loop.now_ms);

	if (wait_ms < 0)
		return;
	uint64_t due_ms = engine->loop.now_ms + (uint64_t)wait_ms;
	if (engine->timer_due_ms != 0 && engine->timer_due_ms <= due_ms)
		return;
	engine->timer_due_ms = due_ms;
	wait_ms++; /* 0 would switch it off */
	const struct itimerspec when = {
		.it_value = { .tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000L },
	};
	timerfd_settime(engine->timer_fd, 0, &when, NULL);
}

static void handle_event(struct engine *engine, const struct epoll_event *event)
{
	if (event->data.u64 == EVENT_WAKE) {
		collect_post(engine);
	} else if (event->data.u64 == EVENT_TIMER) {
		engine->timer_due_ms = 0;
	} else {
		struct leg *leg = legs_find(&engine->legs, (uint32_t)event->data.u64);
		if (leg != NULL)
			leg_event(engine, leg, event->events);
	}
}

int engine_turn(struct engine *engine)
{
	engine->record_count = 0;
	engine->arena_used = 0;
	engine_begin_udp(engine);
	engine->loop.now_ms = clock_ms();
	if (engine->next_event == engine->event_count) {
		int count = epoll_wait(engine->loop.epoll, engine->events, EVENTS_AT_ONCE, 0);
		engine->next_event = 0;
		engine->event_count = count < 0 ? 0 : count;
	}
	while (engine->next_event < engine->event_count && engine_has_room(engine))
		handle_event(engine, &engine->events[engine->next_event++]);
	check_timers(engine);
	report_ended(engine);
	engine_arm_timer(engine);
	return engine->record_count;
}

bool engine_has_more(const struct engine *engine)
{
	return engine->next_event < engine->event_count || engine->loop.ended != NULL;
}

bool engine_is_busy(const struct engine *engine, uint32_t quiet)
{
	return engine->legs.used > quiet;
}

int engine_poll_fd(const struct engine *engine)
{
	return engine->loop.epoll;
}
