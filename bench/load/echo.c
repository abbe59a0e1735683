/* 64-byte messages there and back, one in flight per stream; exact percentiles over all of them. */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#define MESSAGE_SIZE 64

static void start_when_all_open(struct load *load, struct stream *stream);
static void take_answer(struct load *load, struct stream *stream, uint32_t events);
static void send_message(struct load *load, struct stream *stream);
static void give_up(struct load *load, struct stream *stream);

static uint32_t messages, sent;

/* total= messages, at-once= streams. */
void mode_echo(const struct options *options)
{
	static const struct mode mode = { .opened = start_when_all_open,
		.ready = take_answer, .failed = give_up };
	struct load load;

	expect_latencies(options->total);
	load_init(&load, options, &mode, options->at_once);
	for (uint32_t at = 0; at < options->at_once; at++)
		open_stream(&load, &load.streams[at]);
	run_loop(&load);
	printf("{\"messages\":%u,\"perSecond\":%.3f,", messages, messages / seconds_since(load.started_ns));
	print_outcome(&load);
	printf(",");
	print_latencies();
	printf("}\n");
}

static void start_when_all_open(struct load *load, struct stream *opened)
{
	(void)opened;
	if (load->opened < load->stream_count)
		return;
	load->started_ns = now_ns();
	for (uint32_t at = 0; at < load->stream_count; at++)
		send_message(load, &load->streams[at]);
}

static void take_answer(struct load *load, struct stream *stream, uint32_t events)
{
	char bytes[MESSAGE_SIZE];
	ssize_t got;

	(void)events;
	if (stream->left == 0)
		return;
	got = recv(stream->fd, bytes, stream->left, 0);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		fail_stream(load, stream, "session ended before its message came back");
		return;
	}
	stream->left -= (uint64_t)got;
	if (stream->left > 0)
		return;
	record_latency(now_ns() - stream->started_ns);
	messages++;
	if (messages == load->options->total)
		load->done = true;
	else if (sent < load->options->total)
		send_message(load, stream);
}

static void send_message(struct load *load, struct stream *stream)
{
	static const char bytes[MESSAGE_SIZE];

	stream->started_ns = now_ns();
	stream->left = MESSAGE_SIZE;
	sent++;
	if (send(stream->fd, bytes, sizeof bytes, MSG_NOSIGNAL) != sizeof bytes)
		fail_stream(load, stream, "send failed in an open session");
}

/* A latency figure with streams missing would mean something else, so there is none. */
static void give_up(struct load *load, struct stream *stream)
{
	(void)stream;
	die(load->first_failure);
}
