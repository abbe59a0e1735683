/*
 * Sessions that ask the source for more than anybody can send, and never read. Commands on standard input, each answered
 * by one JSON line: `open N` opens sessions until N have been opened, `count` says how many the proxy has not ended yet,
 * `quit` (or end of file) ends.
 */
#define _GNU_SOURCE
#include "load.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* Handshakes in progress while sessions are opened. */
#define RAMP 32
#define ENDLESS (UINT64_C(1) << 40)

static void command(struct load *load, const char *line);
static void open_next(struct load *load);
static void ask(struct load *load, struct stream *stream);
static void lose(struct load *load, struct stream *stream, uint32_t events);
static void refused(struct load *load, struct stream *stream);
static void report_open(struct load *load);
static void print_count(const struct load *load);

static uint32_t wanted, tried;
static bool opening;

/* total= sessions at most; seconds= is for the whole life. */
void mode_stall(const struct options *options)
{
	static const struct mode mode = { .opened = ask, .ready = lose, .failed = refused, .command = command };
	struct load load;

	setvbuf(stdout, NULL, _IOLBF, 0);
	load_init(&load, options, &mode, options->total);
	run_loop(&load);
}

static void command(struct load *load, const char *line)
{
	if (strncmp(line, "open ", 5) == 0) {
		wanted = (uint32_t)strtoul(line + 5, NULL, 10);
		wanted = wanted < load->stream_count ? wanted : load->stream_count;
		opening = true;
		for (uint32_t at = 0; at < RAMP; at++)
			open_next(load);
		report_open(load);
	} else if (strncmp(line, "count", 5) == 0) {
		print_count(load);
	} else {
		load->done = true;
	}
}

static void open_next(struct load *load)
{
	if (tried < wanted)
		open_stream(load, &load->streams[tried++]);
}

/* From now on only its end is of interest: what comes stays where it is. */
static void ask(struct load *load, struct stream *stream)
{
	const uint64_t count = htobe64(ENDLESS);
	struct epoll_event event = { .events = EPOLLRDHUP, .data.ptr = stream };

	if (epoll_ctl(load->epoll, EPOLL_CTL_MOD, stream->fd, &event) < 0)
		die("cannot watch a socket");
	if (send(stream->fd, &count, sizeof count, MSG_NOSIGNAL) != sizeof count) {
		fail_stream(load, stream, "send failed in an open session");
		return;
	}
	open_next(load);
	report_open(load);
}

static void lose(struct load *load, struct stream *stream, uint32_t events)
{
	(void)events;
	load->finished++;
	close_stream(load, stream);
}

static void refused(struct load *load, struct stream *stream)
{
	(void)stream;
	open_next(load);
	report_open(load);
}

static void report_open(struct load *load)
{
	if (!opening || load->opened + load->failed < wanted)
		return;
	opening = false;
	print_count(load);
}

static void print_count(const struct load *load)
{
	printf("{\"opened\":%u,\"ended\":%u,", load->opened, load->finished);
	print_outcome(load);
	printf("}\n");
}
