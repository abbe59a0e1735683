/*
 * UDP ASSOCIATE (RFC 1928 section 7): datagrams there and back, some in flight per association. Datagrams that do not
 * come back while nothing else does are counted as lost.
 */
#define _GNU_SOURCE
#include "load.h"
#include "../target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define HEADER_SIZE 10
#define RECEIVE_BUFFER (4 << 20)
/* A loaded machine lets everybody stand still for a tick or two. */
#define QUIET_TICKS 5

static void associated(struct load *load, struct stream *control);
static int open_relay_socket(const struct stream *control);
static void start(struct load *load);
static void take_answers(struct load *load, struct stream *relay, uint32_t events);
static void take_answer(struct load *load, const uint8_t *datagram, uint32_t size);
static void send_datagrams(struct load *load, struct stream *relay, uint32_t count);
static void count_losses(struct load *load);
static void finish_if_done(struct load *load);
static void give_up(struct load *load, struct stream *stream);

/* One batch: the largest window. */
static struct mmsghdr headers[WINDOW_MAX];
static struct iovec pieces[WINDOW_MAX];
static uint8_t datagrams[WINDOW_MAX][HEADER_SIZE + DATAGRAM_MAX];
static uint32_t sent, arrived, lost, quiet_ticks;

/* total= datagrams, at-once= associations, size= payload bytes, window= datagrams in flight of each association. */
void mode_udp(const struct options *options)
{
	static const struct mode mode = {
		.opened = associated, .ready = take_answers, .failed = give_up, .quiet = count_losses };
	struct load load;

	if (options->size < sizeof(uint64_t))
		die("a datagram holds its time, which is 8 bytes");
	expect_latencies(options->total);
	for (uint32_t at = 0; at < WINDOW_MAX; at++) {
		pieces[at].iov_base = datagrams[at];
		headers[at].msg_hdr.msg_iov = &pieces[at];
		headers[at].msg_hdr.msg_iovlen = 1;
	}
	/* The control connections, then the sockets of the datagrams. */
	load_init(&load, options, &mode, 2 * options->at_once);
	for (uint32_t at = 0; at < options->at_once; at++)
		open_stream(&load, &load.streams[at]);
	run_loop(&load);
	printf("{\"datagrams\":%u,\"lost\":%u,\"perSecond\":%.3f,", arrived, lost, arrived / seconds_since(load.started_ns));
	print_outcome(&load);
	printf(",");
	print_latencies();
	printf("}\n");
}

static void associated(struct load *load, struct stream *control)
{
	struct stream *relay = control + load->options->at_once;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = relay };

	relay->fd = open_relay_socket(control);
	relay->step = OPEN;
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, relay->fd, &event) < 0)
		die("cannot watch a socket");
	if (load->opened == load->options->at_once)
		start(load);
}

/* From the address of the control connection to where the reply said. */
static int open_relay_socket(const struct stream *control)
{
	const int size = RECEIVE_BUFFER;
	struct sockaddr_in own, relay = { .sin_family = AF_INET };
	socklen_t own_size = sizeof own;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	errno = 0;
	if (control->reply[3] != 1)
		die("the relay is not at an IPv4 address");
	memcpy(&relay.sin_addr, control->reply + 4, sizeof relay.sin_addr);
	memcpy(&relay.sin_port, control->reply + 8, sizeof relay.sin_port);
	if (fd < 0 || getsockname(control->fd, (struct sockaddr *)&own, &own_size) < 0)
		die("cannot open a socket");
	own.sin_port = 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (bind(fd, (struct sockaddr *)&own, sizeof own) < 0)
		die("cannot bind a source address");
	if (connect(fd, (struct sockaddr *)&relay, sizeof relay) < 0)
		die("cannot connect to the relay");
	return fd;
}

static void start(struct load *load)
{
	load->started_ns = now_ns();
	for (uint32_t at = load->options->at_once; at < load->stream_count; at++)
		send_datagrams(load, &load->streams[at], load->options->window);
}

static void take_answers(struct load *load, struct stream *relay, uint32_t events)
{
	(void)events;
	quiet_ticks = 0;
	if (relay < load->streams + load->options->at_once) {
		fail_stream(load, relay, "the proxy ended an association");
		return;
	}
	for (uint32_t at = 0; at < WINDOW_MAX; at++)
		pieces[at].iov_len = sizeof datagrams[at];
	int count = recvmmsg(relay->fd, headers, WINDOW_MAX, 0, NULL);

	/* Where nobody listens, an ICMP message says so once for each datagram. */
	if (count < 0)
		return;
	for (int at = 0; at < count; at++)
		take_answer(load, datagrams[at], headers[at].msg_len);
	relay->left -= relay->left < (uint64_t)count ? relay->left : (uint64_t)count;
	send_datagrams(load, relay, (uint32_t)count);
	finish_if_done(load);
}

static void take_answer(struct load *load, const uint8_t *datagram, uint32_t size)
{
	uint64_t started_ns;

	errno = 0;
	if (size != HEADER_SIZE + load->options->size)
		die("a datagram came back with another length");
	memcpy(&started_ns, datagram + HEADER_SIZE, sizeof started_ns);
	record_latency(now_ns() - started_ns);
	arrived++;
}

static void send_datagrams(struct load *load, struct stream *relay, uint32_t count)
{
	uint32_t address = TARGET_BASE + (uint32_t)(relay - load->streams) % TARGET_ADDRESSES;
	uint16_t port = load->options->target;
	const uint8_t header[HEADER_SIZE] = { 0, 0, 0, 1, (uint8_t)(address >> 24), (uint8_t)(address >> 16),
		(uint8_t)(address >> 8), (uint8_t)address, (uint8_t)(port >> 8), (uint8_t)port };
	uint64_t now = now_ns();

	if (count > load->options->total - sent)
		count = load->options->total - sent;
	for (uint32_t at = 0; at < count; at++) {
		memcpy(datagrams[at], header, sizeof header);
		memcpy(datagrams[at] + HEADER_SIZE, &now, sizeof now);
		pieces[at].iov_len = HEADER_SIZE + load->options->size;
	}
	sent += count;
	relay->left += count;
	/* What is not taken is never answered, and so is counted as lost. */
	if (count > 0)
		sendmmsg(relay->fd, headers, count, 0);
}

/* Nothing has come for a while: what is in flight never will. */
static void count_losses(struct load *load)
{
	if (load->opened < load->options->at_once || ++quiet_ticks < QUIET_TICKS)
		return;
	quiet_ticks = 0;
	for (uint32_t at = load->options->at_once; at < load->stream_count; at++) {
		struct stream *relay = &load->streams[at];
		uint32_t missing = (uint32_t)relay->left;

		lost += missing;
		relay->left = 0;
		send_datagrams(load, relay, missing);
	}
	finish_if_done(load);
}

static void finish_if_done(struct load *load)
{
	if (arrived + lost >= load->options->total)
		load->done = true;
}

/* A figure with associations missing would mean something else, so there is none. */
static void give_up(struct load *load, struct stream *stream)
{
	(void)stream;
	die(load->first_failure);
}
