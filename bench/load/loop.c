/* Opens and closes streams and hands epoll events to the handshake, then to the mode. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_PER_WAIT 256
#define TICK_MS 100
/* Where nothing but failures comes, trying on only heats the machine. */
#define FAILURES_MAX 1000

static void dispatch(struct load *load, struct stream *stream, uint32_t events);
static void read_command(struct load *load);
static void watch_stdin(struct load *load);

/* Makes the epoll set and room for `streams` closed streams; the descriptor limit is raised to fit them. */
void load_init(struct load *load, const struct options *options, const struct mode *mode, uint32_t streams)
{
	raise_descriptor_limit(streams + 64);
	memset(load, 0, sizeof *load);
	load->options = options;
	load->mode = mode;
	load->stream_count = streams;
	load->streams = calloc(streams, sizeof *load->streams);
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load->streams == NULL || load->epoll < 0)
		die("cannot set up");
	for (uint32_t at = 0; at < streams; at++)
		load->streams[at].fd = -1;
	if (mode->command != NULL)
		watch_stdin(load);
	load->started_ns = now_ns();
}

static void watch_stdin(struct load *load)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) < 0)
		die("cannot wait for commands on standard input");
}

/* Connects to the proxy from the next source address; the greeting follows when the connection stands. */
void open_stream(struct load *load, struct stream *stream)
{
	const int on = 1;
	struct sockaddr_in source = { .sin_family = AF_INET };
	struct sockaddr_in proxy = { .sin_family = AF_INET, .sin_port = htons(load->options->proxy) };
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = stream };

	source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + load->next_address++ % SOURCE_ADDRESSES);
	proxy.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memset(stream, 0, sizeof *stream);
	stream->step = CONNECTING;
	stream->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (stream->fd < 0)
		die("cannot open a socket");
	setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(stream->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	if (bind(stream->fd, (struct sockaddr *)&source, sizeof source) < 0)
		die("cannot bind a source address");
	if (connect(stream->fd, (struct sockaddr *)&proxy, sizeof proxy) < 0 && errno != EINPROGRESS)
		die("cannot connect to the proxy");
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, stream->fd, &event) < 0)
		die("cannot watch a socket");
}

void close_stream(struct load *load, struct stream *stream)
{
	(void)load;
	close(stream->fd);
	stream->fd = -1;
	stream->step = CLOSED;
}

/* Closes, counts, and tells the mode. */
void fail_stream(struct load *load, struct stream *stream, const char *why)
{
	close_stream(load, stream);
	if (load->first_failure == NULL)
		load->first_failure = why;
	load->failed++;
	errno = 0;
	if (load->failed > FAILURES_MAX)
		die(load->first_failure);
	load->mode->failed(load, stream);
}

/* Until the mode says done; dies when the time is up. */
void run_loop(struct load *load)
{
	struct epoll_event events[EVENTS_PER_WAIT];

	while (!load->done) {
		int count = epoll_wait(load->epoll, events, EVENTS_PER_WAIT, TICK_MS);

		errno = 0;
		if (seconds_since(load->started_ns) > load->options->seconds)
			die("not finished in time");
		if (count == 0 && load->mode->quiet != NULL)
			load->mode->quiet(load);
		for (int at = 0; at < count; at++) {
			if (events[at].data.ptr == NULL)
				read_command(load);
			else
				dispatch(load, events[at].data.ptr, events[at].events);
		}
	}
}

static void dispatch(struct load *load, struct stream *stream, uint32_t events)
{
	const char *why = "";
	int result;

	if (stream->step == OPEN) {
		load->mode->ready(load, stream, events);
		return;
	}
	result = load->options->http ? http_advance(load, stream, &why) : socks_advance(load, stream, &why);
	if (result < 0) {
		fail_stream(load, stream, why);
	} else if (result == 1) {
		load->opened++;
		load->mode->opened(load, stream);
	}
}

/* Commands are short and come one at a time: one read is one line. */
static void read_command(struct load *load)
{
	char line[64];
	ssize_t size = read(STDIN_FILENO, line, sizeof line - 1);

	if (size <= 0) {
		load->done = true;
		return;
	}
	line[size] = '\0';
	load->mode->command(load, line);
}
