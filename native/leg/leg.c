/* Sending with a bounded rest, and closing. See leg.h. */
#include "leg.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unix/check.h"

/*
 * The first segment of a connection never waits for an ACK, so connections that send only once save the call.
 * Accepted sockets inherit the option from their listener.
 */
static void switch_nagle_off(struct leg *leg)
{
	const int on = 1;

	if (leg->dialled && leg->sent_once) {
		leg->dialled = false;
		setsockopt(leg->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	}
	leg->sent_once = true;
}

/* Bytes taken (0: none now) or -errno. */
static ssize_t send_some(struct leg *leg, const uint8_t *bytes, size_t size)
{
	switch_nagle_off(leg);
	for (;;) {
		ssize_t sent = send(leg->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent >= 0)
			return sent;
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

/* Most sockets never block, so EPOLLOUT joins the mask when one does for the first time. */
static int watch_out(int epoll, struct leg *leg)
{
	struct epoll_event want = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET,
		.data.u64 = leg->handle,
	};

	if (leg->watches_out)
		return 0;
	leg->watches_out = true;
	return epoll_ctl(epoll, EPOLL_CTL_MOD, leg->fd, &want) < 0 ? -errno : 0;
}

size_t leg_waiting(const struct leg *leg)
{
	return leg->rest == NULL ? 0 : leg->rest->size - leg->rest->sent;
}

static int keep(struct leg *leg, const uint8_t *bytes, size_t size)
{
	const struct rest *old = leg->rest;
	size_t before = leg_waiting(leg);

	if (before + size > REST_LIMIT)
		return -ENOBUFS;
	struct rest *rest = malloc(sizeof *rest + before + size);
	if (rest == NULL)
		return -ENOMEM;
	if (before > 0)
		memcpy(rest->bytes, old->bytes + old->sent, before);
	memcpy(rest->bytes + before, bytes, size);
	rest->size = (uint32_t)(before + size);
	rest->sent = 0;
	free(leg->rest);
	leg->rest = rest;
	ledger_change(leg->ledger, before, before + size);
	return 0;
}

int leg_take_rest(struct leg *leg, int fd, size_t size)
{
	struct rest *rest = malloc(sizeof *rest + size);

	if (rest == NULL)
		return -ENOMEM;
	rest->size = rest->sent = 0;
	while (rest->size < size) {
		ssize_t got = read(fd, rest->bytes + rest->size, size - rest->size);
		if (got == 0 || (got < 0 && errno != EINTR)) {
			free(rest);
			return -EIO;
		}
		rest->size += got > 0 ? (uint32_t)got : 0;
	}
	leg->rest = rest;
	ledger_change(leg->ledger, 0, size);
	return 0;
}

int leg_send(int epoll, struct leg *leg, const uint8_t *bytes, size_t size)
{
	if (size == 0)
		return 0;
	ssize_t sent = leg->rest == NULL ? send_some(leg, bytes, size) : 0;
	if (sent < 0)
		return (int)sent;
	if ((size_t)sent == size)
		return 0;
	TRY(keep(leg, bytes + sent, size - (size_t)sent));
	return watch_out(epoll, leg);
}

ssize_t leg_offer(int epoll, struct leg *leg, const uint8_t *bytes, size_t size)
{
	ssize_t sent = send_some(leg, bytes, size);

	if (sent >= 0 && (size_t)sent < size)
		TRY(watch_out(epoll, leg));
	return sent;
}

int leg_flush(struct leg *leg)
{
	struct rest *rest = leg->rest;

	if (rest == NULL)
		return 0;
	ssize_t sent = send_some(leg, rest->bytes + rest->sent, rest->size - rest->sent);
	if (sent < 0)
		return (int)sent;
	rest->sent += (uint32_t)sent;
	ledger_change(leg->ledger, (size_t)sent, 0);
	if (rest->sent == rest->size) {
		free(rest);
		leg->rest = NULL;
	}
	return 0;
}

void leg_close_fd(struct leg *leg)
{
	ledger_change(leg->ledger, leg_waiting(leg), 0);
	free(leg->rest);
	leg->rest = NULL;
	if (leg->fd >= 0)
		close(leg->fd);
	leg->fd = -1;
}

void leg_reset_fd(struct leg *leg)
{
	const struct linger drop = { .l_onoff = 1, .l_linger = 0 };

	if (leg->fd >= 0)
		setsockopt(leg->fd, SOL_SOCKET, SO_LINGER, &drop, sizeof drop);
	leg_close_fd(leg);
}
