/* See relay_end.h. */
#include "relay_end.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

void relay_note_fin(struct loop *loop, struct relay *relay, struct leg *leg)
{
	leg->ended = true;
	if (relay->half_closed)
		return;
	relay->half_closed = true;
	relay->ending = relay->legs[CLIENT] == leg ? BY_CLIENT_FIN : BY_TARGET_FIN;
	relay->active_ms = loop->now_ms;
	relay_arm(loop, relay);
}

void relay_pass_fin(struct loop *loop, struct relay *relay, struct leg *from, struct leg *to)
{
	if (from->fin_passed)
		return;
	from->fin_passed = true;
	/* When both directions are done, closing sends the last FIN by itself. */
	if (to->fin_passed)
		relay_end(loop, relay, (enum relay_ending)relay->ending, CLOSE_FIN);
	else if (shutdown(to->fd, SHUT_WR) < 0)
		relay_reset(loop, relay, to, errno);
}

void relay_reset(struct loop *loop, struct relay *relay, struct leg *leg, int error)
{
	relay->error = (int16_t)error;
	relay_end(loop, relay, relay->legs[CLIENT] == leg ? BY_CLIENT_RESET : BY_TARGET_RESET, CLOSE_RESET);
}

void relay_unqueue(struct loop *loop, struct leg *leg)
{
	struct leg **link = &loop->ready;

	if (!leg->queued)
		return;
	while (*link != NULL && *link != leg)
		link = &(*link)->next;
	if (*link == leg)
		*link = leg->next;
	leg->queued = false;
}

static void close_side(struct loop *loop, struct relay *relay, struct leg *leg, enum close_how how)
{
	relay_unqueue(loop, leg);
	/*
	 * A child that was forked by another thread and has not run exec yet keeps the socket in the set: in a relay
	 * thread, whose set holds pointers, it must not stay.
	 */
	if (relay->worker != NULL)
		epoll_ctl(loop->epoll, EPOLL_CTL_DEL, leg->fd, NULL);
	if (how == CLOSE_RESET)
		leg_reset_fd(leg);
	else
		leg_close_fd(leg);
}

void relay_end(struct loop *loop, struct relay *relay, enum relay_ending ending, enum close_how how)
{
	if (relay->over)
		return;
	relay->over = true;
	relay->ending = (uint8_t)ending;
	timer_clear(&relay->legs[CLIENT]->timer);
	stall_strike(loop, relay);
	relay_drop_pipe(loop, relay, CLIENT);
	relay_drop_pipe(loop, relay, TARGET);
	close_side(loop, relay, relay->legs[CLIENT], how);
	close_side(loop, relay, relay->legs[TARGET], how);
	relay->next = loop->ended;
	loop->ended = relay;
}
