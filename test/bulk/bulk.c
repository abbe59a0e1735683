/*
 * Bulk through a SOCKS5 server, every byte compared: several streams, each in both directions at once.
 *   bulk proxy=PORT bytes=ALL streams=N [damage=POSITION]
 * Both far ends are here, each with a thread of its own. A byte depends on its stream, direction and position, so that
 * one that is lost, doubled, changed or out of place is found. Prints one line of JSON, and exits with 1 on a finding.
 * damage: the byte at that position of the first stream upwards is sent wrong, which must be found.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_STREAMS 256
#define PIECE (256 * 1024)
#define WORD sizeof(uint64_t)
#define SILENCE_MS 60000

/* One far end of one stream. */
struct end {
	int fd;
	unsigned stream;
	uint64_t sent, got;
	bool told; /* FIN was sent */
	bool ended; /* FIN came, behind everything */
};

enum way { UP, DOWN };

struct side {
	struct end ends[MOST_STREAMS];
	enum way sends;
};

static uint64_t each; /* bytes of each stream and way */
static unsigned streams = 4;
static uint64_t damage = UINT64_MAX;

static _Noreturn void fail(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	fprintf(stderr, "bulk: ");
	vfprintf(stderr, format, list);
	fprintf(stderr, "\n");
	va_end(list);
	exit(1);
}

static void must(bool condition, const char *what)
{
	if (!condition)
		fail("%s: %s", what, strerror(errno));
}

/* The bytes from `at` on, somewhere in `words`, which has room for one word more than `size` needs. */
static uint8_t *bytes_of(uint64_t *words, unsigned stream, enum way way, uint64_t at, size_t size)
{
	uint64_t first = at / WORD, seed = ((uint64_t)stream << 1 | way) << 48;

	for (size_t count = 0; count <= size / WORD + 1; count++)
		words[count] = (seed + first + count + 1) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint8_t *)words + at % WORD;
}

static void send_some(struct end *end, enum way way)
{
	static _Thread_local uint64_t words[PIECE / WORD + 2];
	size_t want = each - end->sent < PIECE ? (size_t)(each - end->sent) : PIECE;
	uint8_t *bytes = bytes_of(words, end->stream, way, end->sent, want);

	if (way == UP && end->stream == 0 && damage - end->sent < want)
		bytes[damage - end->sent] ^= 1;
	ssize_t sent = send(end->fd, bytes, want, MSG_NOSIGNAL | MSG_DONTWAIT);
	must(sent >= 0 || errno == EAGAIN, "send");
	end->sent += sent > 0 ? (uint64_t)sent : 0;
}

static void compare(const struct end *end, enum way way, const uint8_t *bytes, size_t size)
{
	static _Thread_local uint64_t words[PIECE / WORD + 2];
	const uint8_t *right = bytes_of(words, end->stream, way, end->got, size);

	for (size_t at = 0; memcmp(bytes, right, size) != 0 && at < size; at++)
		if (bytes[at] != right[at])
			fail("stream %u %s, byte %llu: %02x instead of %02x", end->stream, way == UP ? "up" : "down",
			     (unsigned long long)(end->got + at), bytes[at], right[at]);
}

static void receive_some(struct end *end, enum way way)
{
	static _Thread_local uint8_t bytes[PIECE];
	ssize_t got = recv(end->fd, bytes, sizeof bytes, MSG_DONTWAIT);

	must(got >= 0 || errno == EAGAIN, "recv");
	end->ended = got == 0;
	if (got == 0 && end->got != each)
		fail("stream %u %s ended after %llu bytes", end->stream, way == UP ? "up" : "down", (unsigned long long)end->got);
	if (got <= 0)
		return;
	if ((uint64_t)got > each - end->got)
		fail("stream %u %s: more bytes than were sent", end->stream, way == UP ? "up" : "down");
	compare(end, way, bytes, (size_t)got);
	end->got += (uint64_t)got;
}

static void tell_end(struct end *end)
{
	if (end->told || end->sent < each)
		return;
	end->told = true;
	must(shutdown(end->fd, SHUT_WR) == 0, "shutdown");
}

static void *drive(void *data)
{
	struct side *side = data;
	struct pollfd polls[MOST_STREAMS];
	unsigned open = streams;

	while (open > 0) {
		for (unsigned at = 0; at < streams; at++) {
			const struct end *end = &side->ends[at];
			short events = (short)((end->ended ? 0 : POLLIN) | (end->told ? 0 : POLLOUT));
			polls[at] = (struct pollfd){ .fd = events != 0 ? end->fd : -1, .events = events };
		}
		int ready = poll(polls, streams, SILENCE_MS);
		must(ready > 0 || errno == EINTR, "nothing moved for a minute");
		open = 0;
		for (unsigned at = 0; at < streams; at++) {
			struct end *end = &side->ends[at];
			if (polls[at].fd >= 0 && polls[at].revents & POLLOUT)
				send_some(end, side->sends);
			if (polls[at].fd >= 0 && polls[at].revents & (POLLIN | POLLHUP | POLLERR) && !end->ended)
				receive_some(end, side->sends == UP ? DOWN : UP);
			tell_end(end);
			open += !end->ended || !end->told;
		}
	}
	return NULL;
}

static int new_socket(struct sockaddr_in *name, uint16_t port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*name = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
	name->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(fd >= 0, "socket");
	return fd;
}

static int listen_here(uint16_t *port)
{
	struct sockaddr_in name;
	socklen_t size = sizeof name;
	int fd = new_socket(&name, 0);

	must(bind(fd, (struct sockaddr *)&name, size) == 0 && listen(fd, 16) == 0, "listen");
	must(getsockname(fd, (struct sockaddr *)&name, &size) == 0, "getsockname");
	*port = ntohs(name.sin_port);
	return fd;
}

static void expect(int fd, const uint8_t *right, size_t compared, size_t size)
{
	uint8_t bytes[16];

	must(recv(fd, bytes, size, MSG_WAITALL) == (ssize_t)size, "an answer of the proxy");
	if (memcmp(bytes, right, compared) != 0)
		fail("the proxy refuses: %02x %02x", bytes[0], bytes[1]);
}

/* A session through the proxy to 127.0.0.1:port. */
static int connect_through(uint16_t proxy, uint16_t port)
{
	const uint8_t greeting[] = { 5, 1, 0 };
	const uint8_t request[] = { 5, 1, 0, 1, 127, 0, 0, 1, (uint8_t)(port >> 8), (uint8_t)port };
	struct sockaddr_in name;
	int fd = new_socket(&name, proxy);

	must(connect(fd, (struct sockaddr *)&name, sizeof name) == 0, "connect to the proxy");
	must(send(fd, greeting, sizeof greeting, MSG_NOSIGNAL) == sizeof greeting, "greeting");
	expect(fd, (const uint8_t[]){ 5, 0 }, 2, 2);
	must(send(fd, request, sizeof request, MSG_NOSIGNAL) == sizeof request, "request");
	expect(fd, (const uint8_t[]){ 5, 0 }, 2, 10);
	return fd;
}

static uint64_t option(int argc, char **argv, const char *name, uint64_t otherwise)
{
	size_t size = strlen(name);

	for (int at = 1; at < argc; at++)
		if (strncmp(argv[at], name, size) == 0 && argv[at][size] == '=')
			return strtoull(argv[at] + size + 1, NULL, 10);
	return otherwise;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static struct side client = { .sends = UP }, target = { .sends = DOWN };
	uint16_t proxy = (uint16_t)option(argc, argv, "proxy", 1080), port;
	int listener = listen_here(&port);
	pthread_t thread;

	streams = (unsigned)option(argc, argv, "streams", streams);
	if (streams == 0 || streams > MOST_STREAMS)
		fail("streams: 1 to %d", MOST_STREAMS);
	each = option(argc, argv, "bytes", 1u << 30) / streams / 2;
	damage = option(argc, argv, "damage", damage);
	for (unsigned at = 0; at < streams; at++) {
		client.ends[at] = (struct end){ .fd = connect_through(proxy, port), .stream = at };
		target.ends[at] = (struct end){ .fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), .stream = at };
		must(target.ends[at].fd >= 0, "accept");
	}
	double started = now();
	must(pthread_create(&thread, NULL, drive, &target) == 0, "thread");
	drive(&client);
	pthread_join(thread, NULL);
	double seconds = now() - started;
	printf("{\"streams\":%u,\"up\":%llu,\"down\":%llu,\"seconds\":%.1f}\n", streams, (unsigned long long)(each * streams),
	       (unsigned long long)(each * streams), seconds);
	return 0;
}
