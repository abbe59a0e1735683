/* Whole proxied connections, one after another: handshake, one byte each way, close by the client. */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

static void send_byte(struct load *load, struct stream *stream);
static void take_byte(struct load *load, struct stream *stream, uint32_t events);
static void finish(struct load *load, struct stream *stream);

static uint32_t started;

/* total= connections, at-once= of them in progress. */
void mode_connect(const struct options *options)
{
	static const struct mode mode = { .opened = send_byte, .ready = take_byte, .failed = finish };
	struct load load;

	load_init(&load, options, &mode, options->at_once);
	for (uint32_t at = 0; at < options->at_once && started < options->total; at++, started++)
		open_stream(&load, &load.streams[at]);
	run_loop(&load);
	printf("{\"connections\":%u,\"perSecond\":%.3f,", load.finished - load.failed,
		(load.finished - load.failed) / seconds_since(load.started_ns));
	print_outcome(&load);
	printf("}\n");
}

static void send_byte(struct load *load, struct stream *stream)
{
	if (send(stream->fd, "x", 1, MSG_NOSIGNAL) != 1)
		fail_stream(load, stream, "send failed in an open session");
}

static void take_byte(struct load *load, struct stream *stream, uint32_t events)
{
	char byte;
	ssize_t got = recv(stream->fd, &byte, 1, 0);

	(void)events;
	if (got < 0 && errno == EAGAIN)
		return;
	if (got != 1) {
		fail_stream(load, stream, "session ended before its byte came back");
		return;
	}
	close_stream(load, stream);
	finish(load, stream);
}

static void finish(struct load *load, struct stream *stream)
{
	load->finished++;
	if (started < load->options->total) {
		started++;
		open_stream(load, stream);
	} else if (load->finished == load->options->total) {
		load->done = true;
	}
}
