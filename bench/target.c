/*
 * Where the proxied connections go: four services on 127.0.1.1 to 127.0.1.16, in a process of their own so that
 * their CPU time is not mixed with anybody's. Prints {"echo":PORT,"source":PORT,"sink":PORT,"udp":PORT} when it listens
 * and ends when its standard input does.
 *   echo    sends back what it gets
 *   source  reads 8 bytes (a big-endian count) and sends that many, with sendfile
 *   sink    reads 8 bytes (a count), discards that many in the kernel, answers one byte
 *   udp     sends datagrams back (target_udp.c)
 */
#define _GNU_SOURCE
#include "target.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096
#define CHUNK (1u << 20)
#define EVENTS_PER_WAIT 256

enum service { ECHO, SOURCE, SINK, SERVICES, DATAGRAMS = SERVICES };

struct connection {
	int fd;
	enum service service;
	int listening;
	int header_got;
	uint64_t left;
};

static int listen_on(uint32_t address, uint16_t *port);
static struct connection *watch(int fd, enum service service, uint32_t events);
static void watch_datagrams(uint32_t address, uint16_t *port);
static void serve(struct connection *connection);
static void take(struct connection *listener);
static int echo(struct connection *connection);
static int read_header(struct connection *connection);
static int feed(struct connection *connection);
static int drain(struct connection *connection);
static _Noreturn void die(const char *what);

static int epoll_fd, payload;
static char buffer[65536];

int main(void)
{
	struct epoll_event events[EVENTS_PER_WAIT];
	struct epoll_event end_of_input = { .events = EPOLLIN, .data.ptr = NULL };
	struct rlimit limit;
	uint16_t ports[SERVICES + 1] = { 0 };

	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	payload = memfd_create("payload", MFD_CLOEXEC);
	if (epoll_fd < 0 || payload < 0 || ftruncate(payload, CHUNK) < 0)
		die("cannot set up");
	for (int service = 0; service < SERVICES; service++) {
		for (uint32_t at = 0; at < TARGET_ADDRESSES; at++)
			watch(listen_on(TARGET_BASE + at, &ports[service]), (enum service)service, EPOLLIN)->listening = 1;
	}
	for (uint32_t at = 0; at < TARGET_ADDRESSES; at++)
		watch_datagrams(TARGET_BASE + at, &ports[DATAGRAMS]);
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &end_of_input);
	printf("{\"echo\":%u,\"source\":%u,\"sink\":%u,\"udp\":%u}\n", ports[ECHO], ports[SOURCE], ports[SINK],
		ports[DATAGRAMS]);
	fflush(stdout);
	for (;;) {
		int count = epoll_wait(epoll_fd, events, EVENTS_PER_WAIT, -1);

		for (int at = 0; at < count; at++) {
			if (events[at].data.ptr == NULL)
				return 0;
			serve(events[at].data.ptr);
		}
	}
}

/* The first address of a service chooses the port, the others take the same. */
static int listen_on(uint32_t address, uint16_t *port)
{
	const int on = 1;
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(*port) };
	socklen_t size = sizeof name;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	name.sin_addr.s_addr = htonl(address);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, BACKLOG) < 0)
		die("cannot listen");
	if (getsockname(fd, (struct sockaddr *)&name, &size) < 0)
		die("cannot read the port");
	*port = ntohs(name.sin_port);
	return fd;
}

static struct connection *watch(int fd, enum service service, uint32_t events)
{
	struct connection *connection = calloc(1, sizeof *connection);
	struct epoll_event event = { .events = events, .data.ptr = connection };

	if (connection == NULL || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		die("cannot watch a socket");
	connection->fd = fd;
	connection->service = service;
	return connection;
}

static void watch_datagrams(uint32_t address, uint16_t *port)
{
	int fd = open_datagrams(address, port);

	if (fd < 0)
		die("cannot open a UDP socket");
	watch(fd, DATAGRAMS, EPOLLIN);
}

/* Level-triggered, one step per event; a step answers 0 to go on and -1 when the connection is over. */
static void serve(struct connection *connection)
{
	static int (*const steps[SERVICES])(struct connection *) = { echo, feed, drain };
	int result;

	if (connection->listening) {
		take(connection);
		return;
	}
	if (connection->service == DATAGRAMS) {
		echo_datagrams(connection->fd);
		return;
	}
	result = connection->service != ECHO && connection->left == 0 ? read_header(connection)
								       : steps[connection->service](connection);
	if (result < 0 && errno != EAGAIN) {
		close(connection->fd);
		free(connection);
	}
}

static void take(struct connection *listener)
{
	int fd;

	while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		watch(fd, listener->service, EPOLLIN);
}

/* One message is in flight per connection, so a send that does not fit is a fault of the test. */
static int echo(struct connection *connection)
{
	ssize_t got = recv(connection->fd, buffer, sizeof buffer, 0);

	if (got == 0)
		errno = 0;
	return got > 0 && send(connection->fd, buffer, (size_t)got, MSG_NOSIGNAL) == got ? 0 : -1;
}

/* The count comes first and whole; after it, or at the end of the stream. */
static int read_header(struct connection *connection)
{
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = connection };
	uint64_t count;
	ssize_t got = recv(connection->fd, &count, sizeof count, 0);

	if (got >= 0)
		errno = 0;
	if (got != sizeof count || connection->header_got)
		return -1;
	connection->header_got = 1;
	connection->left = be64toh(count);
	return connection->service == SOURCE ? epoll_ctl(epoll_fd, EPOLL_CTL_MOD, connection->fd, &event) : 0;
}

/* When all is sent the client closes; until then the connection waits for its end. */
static int feed(struct connection *connection)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
	off_t offset = 0;
	ssize_t sent = sendfile(connection->fd, payload, &offset, connection->left < CHUNK ? connection->left : CHUNK);

	if (sent < 0)
		return -1;
	connection->left -= (uint64_t)sent;
	return connection->left > 0 ? 0 : epoll_ctl(epoll_fd, EPOLL_CTL_MOD, connection->fd, &event);
}

static int drain(struct connection *connection)
{
	ssize_t got = recv(connection->fd, NULL, connection->left < CHUNK ? connection->left : CHUNK, MSG_TRUNC);

	if (got == 0)
		errno = 0;
	if (got <= 0)
		return -1;
	connection->left -= (uint64_t)got;
	return connection->left > 0 || send(connection->fd, "k", 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}
