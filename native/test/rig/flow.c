/* See flow.h. */
#include "flow.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "splicing.h"

/* Bytes of a stream repeat after a prime number: no block is like the one before it. */
#define PERIOD 65521

/* Where the tests look for descriptors: they are given out from the lowest. */
#define MOST_DESCRIPTORS 256

/* Sips that empty a good part of full sockets; a slow machine needs more than one round of them to splice. */
#define SIPS 50
#define MOST_ROUNDS 40
#define ROUNDS_OF_READING 5

static uint8_t pattern[PERIOD];

typedef int address_call(int fd, struct sockaddr *address, socklen_t *size);

/* The port that the call tells, 0 for none. */
static int port_of(address_call *call, int fd)
{
	struct sockaddr_in address = { 0 };
	socklen_t size = sizeof address;

	return call(fd, (struct sockaddr *)&address, &size) == 0 ? address.sin_port : 0;
}

/* The socket of the engine to which `far` is connected. A listener has its port, too, but no peer. */
static int other_end(int far)
{
	int fd = 3;

	while (fd < MOST_DESCRIPTORS && (port_of(getsockname, fd) != port_of(getpeername, far) ||
					 port_of(getpeername, fd) != port_of(getsockname, far)))
		fd++;
	return fd;
}

struct flow flow_up(const struct session *session)
{
	for (size_t at = 0; at < PERIOD; at++)
		pattern[at] = (uint8_t)(at * 31 + at / 251);
	return (struct flow){
		.from = session->client_fd,
		.to = session->target_fd,
		.good = true,
		.socket = other_end(session->client_fd),
	};
}

struct flow flow_down(const struct session *session)
{
	const struct session turned = { .client_fd = session->target_fd, .target_fd = session->client_fd };

	return flow_up(&turned);
}

void flow_pour(struct flow *flow, size_t until)
{
	while (flow->sent < until) {
		size_t at = flow->sent % PERIOD, want = PERIOD - at;
		want = want < until - flow->sent ? want : until - flow->sent;
		ssize_t sent = send(flow->from, pattern + at, want, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent <= 0)
			return;
		flow->sent += (size_t)sent;
	}
}

ssize_t flow_sip(struct flow *flow)
{
	uint8_t block[PERIOD];
	size_t at = flow->got % PERIOD;
	ssize_t got = recv(flow->to, block, PERIOD - at, MSG_DONTWAIT);

	if (got > 0) {
		flow->good = flow->good && memcmp(block, pattern + at, (size_t)got) == 0;
		flow->got += (size_t)got;
	}
	return got;
}

void flow_drink(struct flow *flow)
{
	while (sockatmark(flow->to) != 1 && flow_sip(flow) > 0)
		;
}

void flow_narrow(const struct flow *flow)
{
	const int little = 16 * 1024;

	CHECK(setsockopt(other_end(flow->to), SOL_SOCKET, SO_SNDBUF, &little, sizeof little) == 0);
}

static bool is_pipe(int fd)
{
	char path[40], target[8] = "";

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return readlink(path, target, sizeof target - 1) > 0 && strncmp(target, "pipe:", 5) == 0;
}

int open_pipe_ends(void)
{
	int count = 0;

	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++)
		count += is_pipe(fd);
	return count;
}

bool bytes_wait_in_pipes(void)
{
	int size = 0;

	/* Descriptors 0 to 2 belong to whoever started the test. */
	for (int fd = 3; fd < MOST_DESCRIPTORS; fd++)
		if (is_pipe(fd) && ioctl(fd, FIONREAD, &size) == 0 && size > 0)
			return true;
	return false;
}

void flow_fill_up(struct rig *rig, struct flow *flow)
{
	size_t before = SIZE_MAX;

	for (int idle = 0; idle < 15; idle = flow->sent == before ? idle + 1 : 0) {
		before = flow->sent;
		flow_pour(flow, SIZE_MAX);
		rig_turn(rig, 2);
	}
}

void flow_take_all(struct rig *rig, struct flow *flow)
{
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && flow->got < flow->sent;) {
		flow_drink(flow);
		rig_turn(rig, 0);
	}
	CHECK(flow->good && flow->got == flow->sent);
}

void flow_sip_both(struct rig *rig, struct flow *one, struct flow *other)
{
	flow_fill_up(rig, one);
	flow_fill_up(rig, other);
	for (int sips = 0; sips < SIPS; sips++) {
		flow_sip(one);
		flow_sip(other);
		rig_turn(rig, 0);
	}
}

static bool is_spliced(struct rig *rig, struct flow *up, struct flow *down, int rounds)
{
	splicing_forget();
	do
		flow_sip_both(rig, up, down);
	while (--rounds > 0 && flow_spliced(up) == 0);
	flow_take_all(rig, down);
	return flow_spliced(up) > 0;
}

bool flow_until_spliced(struct rig *rig, struct flow *up, struct flow *down)
{
	return is_spliced(rig, up, down, MOST_ROUNDS);
}

bool flow_is_read(struct rig *rig, struct flow *up, struct flow *down)
{
	return !is_spliced(rig, up, down, ROUNDS_OF_READING);
}

size_t flow_spliced(const struct flow *flow)
{
	return spliced_from(flow->socket);
}
