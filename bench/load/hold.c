/*
 * Sessions that stay. Commands on standard input, each answered by one JSON line: `open N` opens sessions until N
 * are held, `echo` sends one byte over each and counts what comes back, `quit` (or end of file) ends.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Handshakes in progress while sessions are opened: a ramp, not a flood. */
#define RAMP 32

static void command(struct load *load, const char *line);
static void open_until(struct load *load, uint32_t count);
static void open_next(struct load *load);
static void echo_all(struct load *load);
static void opened(struct load *load, struct stream *stream);
static void lost(struct load *load, struct stream *stream);
static void report_open(struct load *load);
static void answered(struct load *load, struct stream *stream, uint32_t events);
static void report_echo(struct load *load);

static uint32_t wanted, tried, asked, answers, missing;
static enum { IDLE, OPENING, ECHOING } doing;

/* total= sessions at most; seconds= is for the whole life. */
void mode_hold(const struct options *options)
{
	static const struct mode mode = { .opened = opened, .ready = answered, .failed = lost, .command = command };
	struct load load;

	setvbuf(stdout, NULL, _IOLBF, 0);
	load_init(&load, options, &mode, options->total);
	run_loop(&load);
}

static void command(struct load *load, const char *line)
{
	if (strncmp(line, "open ", 5) == 0)
		open_until(load, (uint32_t)strtoul(line + 5, NULL, 10));
	else if (strncmp(line, "echo", 4) == 0)
		echo_all(load);
	else
		load->done = true;
}

static void open_until(struct load *load, uint32_t count)
{
	doing = OPENING;
	wanted = count < load->stream_count ? count : load->stream_count;
	for (uint32_t at = 0; at < RAMP; at++)
		open_next(load);
	report_open(load);
}

static void open_next(struct load *load)
{
	if (tried < wanted)
		open_stream(load, &load->streams[tried++]);
}

static void opened(struct load *load, struct stream *stream)
{
	(void)stream;
	open_next(load);
	report_open(load);
}

/* A session that fails to open, or is ended by the proxy while it is held. */
static void lost(struct load *load, struct stream *stream)
{
	(void)stream;
	if (doing == OPENING) {
		open_next(load);
		report_open(load);
	} else if (doing == ECHOING) {
		missing++;
		report_echo(load);
	}
}

static void report_open(struct load *load)
{
	if (doing != OPENING || load->opened + load->failed < wanted)
		return;
	doing = IDLE;
	printf("{\"open\":%u,", load->opened);
	print_outcome(load);
	printf("}\n");
}

static void echo_all(struct load *load)
{
	doing = ECHOING;
	asked = answers = missing = 0;
	for (uint32_t at = 0; at < load->stream_count; at++)
		asked += load->streams[at].step == OPEN;
	for (uint32_t at = 0; at < load->stream_count; at++) {
		struct stream *stream = &load->streams[at];

		if (stream->step == OPEN && send(stream->fd, "x", 1, MSG_NOSIGNAL) != 1)
			fail_stream(load, stream, "send failed in a held session");
	}
	report_echo(load);
}

static void answered(struct load *load, struct stream *stream, uint32_t events)
{
	char byte;
	ssize_t got = recv(stream->fd, &byte, 1, 0);

	(void)events;
	if (got < 0 && errno == EAGAIN)
		return;
	if (got != 1) {
		fail_stream(load, stream, "held session was ended by the proxy");
		return;
	}
	answers++;
	report_echo(load);
}

/* Every session that was asked has answered or is lost. */
static void report_echo(struct load *load)
{
	if (doing != ECHOING || answers + missing < asked)
		return;
	doing = IDLE;
	printf("{\"asked\":%u,\"answered\":%u,", asked, answers);
	print_outcome(load);
	printf("}\n");
}
