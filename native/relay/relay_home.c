/* The loop that a relay runs on, and its way from one to another. See relay.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "relay_end.h"
#include "../unix/socket.h"

/* A relay moves to a relay thread when it has moved this many bytes or woken the engine this often. */
#define BUSY_BYTES (64 * 1024)
#define BUSY_TURNS 16

struct relay *relay_new(struct leg *client, struct leg *target, struct relay_limits limits)
{
	struct relay *relay = calloc(1, sizeof *relay);

	if (relay == NULL)
		return NULL;
	relay->legs[CLIENT] = client;
	relay->legs[TARGET] = target;
	relay->idle_ms = limits.idle_ms;
	relay->half_closed_ms = limits.half_closed_ms;
	relay->lean = limits.lean;
	relay->stop = limits.stop;
	for (int side = CLIENT; side <= TARGET; side++)
		rate_set(&relay->rates[side], limits.bytes_per_second[side], clock_ms());
	client->state = target->state = LEG_RELAYED;
	client->relay = target->relay = relay;
	if (limits.lean) {
		socket_make_lean(client->fd);
		socket_make_lean(target->fd);
	}
	return relay;
}

bool relay_is_busy(const struct relay *relay)
{
	return relay->turns >= BUSY_TURNS || relay->moved[CLIENT] + relay->moved[TARGET] >= BUSY_BYTES;
}

void relay_detach(struct loop *loop, struct relay *relay)
{
	timer_clear(&relay->legs[CLIENT]->timer);
	stall_strike(loop, relay);
	for (int side = CLIENT; side <= TARGET; side++) {
		relay_unqueue(loop, relay->legs[side]);
		epoll_ctl(loop->epoll, EPOLL_CTL_DEL, relay->legs[side]->fd, NULL);
	}
}

int relay_adopt(struct loop *loop, struct relay *relay)
{
	for (int side = CLIENT; side <= TARGET; side++) {
		struct leg *leg = relay->legs[side];
		struct epoll_event want = {
			.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET,
			.data.ptr = leg,
		};
		leg->watches_out = true;
		if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, leg->fd, &want) < 0)
			return -errno;
	}
	if (!relay->lean)
		socket_limit_unsent(relay->legs[TARGET]->fd);
	relay_arm(loop, relay);
	stall_note(loop, relay);
	return 0;
}
