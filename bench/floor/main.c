/*
 * The floor: the least work that the kernel allows for a proxied connection. One thread, one epoll set, a fixed greeting
 * and an IPv4 CONNECT; no users, rules, logs, timers or names, and no defence against hostile clients: NEVER run it
 * on an address that others can reach (it listens on 127.0.0.1 only). Usage: floor PORT [copy]; with "copy" bulk is
 * read and written, 512 KiB at a time, instead of spliced in pieces of 1 MiB: what splicing is compared with.
 *
 * System calls per connection (a byte each way): accept4, socket, connect, setsockopt, 2 epoll_ctl, 6 recv, 4 send,
 * shutdown, 2 close = 19, and a share of epoll_wait. A descriptor is edge-triggered and enters the epoll set
 * once; a read shorter than the buffer has drained the socket (epoll(7)); the listener waits for data
 * (TCP_DEFER_ACCEPT), so the greeting is there when the connection is; TCP_NODELAY is inherited from it.
 */
#define _GNU_SOURCE
#include "floor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096
#define EVENTS_PER_WAIT 256
#define ACCEPTS_MAX 64
#define EDGES (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

static int listen_on(uint16_t port);
static void accept_some(void);
static void advance(struct side *side, uint32_t events);
static void close_side(struct side *side);
static void bury(void);

static int epoll_fd, listener;
char buffer[COPY_BUFFER];
/* Freed when the events of the present batch have been looked at. */
static struct side *graveyard;

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS_PER_WAIT];
	struct epoll_event listening = { .events = EPOLLIN, .data.ptr = NULL };
	struct rlimit limit;

	copies = argc == 3 && strcmp(argv[2], "copy") == 0;
	if (argc != 2 + copies || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 64;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	signal(SIGPIPE, SIG_IGN);
	listener = listen_on((uint16_t)atoi(argv[1]));
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (listener < 0 || epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &listening) < 0) {
		perror("floor: cannot listen");
		return 71;
	}
	for (;;) {
		int count = epoll_wait(epoll_fd, events, EVENTS_PER_WAIT, again_list == NULL ? -1 : 0);

		for (int at = 0; at < count; at++) {
			if (events[at].data.ptr == NULL)
				accept_some();
			else
				advance(events[at].data.ptr, events[at].events);
		}
		run_again();
		bury();
	}
}

static int listen_on(uint16_t port)
{
	const int on = 1;
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, BACKLOG) < 0)
		return -1;
	return fd;
}

/* The batch follows the backlog: it doubles while it is filled and falls back to what was found. */
void accept_some(void)
{
	static int batch = 1;

	for (int accepted = 0; accepted < batch; accepted++) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			batch = accepted > 0 ? accepted : 1;
			return;
		}
		take_greeting(watch(fd, GREETING));
	}
	if (batch < ACCEPTS_MAX)
		batch *= 2;
}

void advance(struct side *side, uint32_t events)
{
	const int readable = (events & ~(uint32_t)EPOLLOUT) != 0;

	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		side->hung_up = 1;
	if (side->state == GREETING && readable)
		take_greeting(side);
	else if (side->state == REQUEST && readable)
		take_request(side);
	else if (side->state == CONNECTING)
		answer(side);
	else if (side->state == RELAYING && (events & EPOLLOUT) && (side->peer->rest != NULL || side->peer->in_pipe > 0))
		flush(side->peer);
	if (side->state == RELAYING && readable)
		relay(side);
}

struct side *watch(int fd, enum state state)
{
	struct side *side = calloc(1, sizeof *side);
	struct epoll_event event = { .events = EDGES, .data.ptr = side };

	if (side == NULL || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		perror("floor: cannot watch a socket");
		exit(71);
	}
	side->fd = fd;
	side->state = state;
	return side;
}

void drop(struct side *side)
{
	if (side->peer != NULL)
		close_side(side->peer);
	close_side(side);
}

void close_side(struct side *side)
{
	close(side->fd);
	if (side->pipe[1] > 0) {
		close(side->pipe[0]);
		close(side->pipe[1]);
	}
	side->state = CLOSED;
	side->next_buried = graveyard;
	graveyard = side;
}

/* A side whose turn was to be continued stays until that has been looked at. */
void bury(void)
{
	struct side *side = graveyard;

	graveyard = NULL;
	while (side != NULL) {
		struct side *next = side->next_buried;

		if (side->again) {
			side->next_buried = graveyard;
			graveyard = side;
		} else {
			free(side->rest);
			free(side);
		}
		side = next;
	}
}
