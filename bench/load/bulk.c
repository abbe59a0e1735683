/*
 * A fixed number of bytes through some streams. The client spends as little as it can, so that the proxy is
 * what is measured: it discards in the kernel (recv with MSG_TRUNC, tcp(7)) and sends with sendfile.
 */
#define _GNU_SOURCE
#include "load.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK (1u << 20)

static void start_when_all_open(struct load *load, struct stream *stream);
static void move(struct load *load, struct stream *stream, uint32_t events);
static void move_up(struct load *load, struct stream *stream);
static void move_down(struct load *load, struct stream *stream);
static void take_receipt(struct load *load, struct stream *stream);
static void watch(struct load *load, struct stream *stream, uint32_t events);
static void finish(struct load *load, struct stream *stream);

static int payload;

/* bytes= in all, at-once= streams, direction=up|down. The clock runs from the moment when all are open. */
void mode_bulk(const struct options *options)
{
	static const struct mode mode = { .opened = start_when_all_open, .ready = move, .failed = finish };
	struct load load;

	payload = memfd_create("payload", MFD_CLOEXEC);
	if (payload < 0 || ftruncate(payload, CHUNK) < 0)
		die("cannot make the payload");
	load_init(&load, options, &mode, options->at_once);
	for (uint32_t at = 0; at < options->at_once; at++)
		open_stream(&load, &load.streams[at]);
	run_loop(&load);
	printf("{\"bytes\":%llu,\"bytesPerSecond\":%.0f,",
		(unsigned long long)(options->bytes / options->at_once * options->at_once),
		(double)options->bytes / seconds_since(load.started_ns));
	print_outcome(&load);
	printf("}\n");
}

static void start_when_all_open(struct load *load, struct stream *opened)
{
	(void)opened;
	if (load->opened < load->stream_count)
		return;
	load->started_ns = now_ns();
	for (uint32_t at = 0; at < load->stream_count; at++) {
		struct stream *stream = &load->streams[at];
		uint64_t size = htobe64(load->options->bytes / load->stream_count);

		stream->left = load->options->bytes / load->stream_count;
		if (send(stream->fd, &size, sizeof size, MSG_NOSIGNAL) != sizeof size)
			fail_stream(load, stream, "send failed in an open session");
		else
			watch(load, stream, load->options->up ? EPOLLOUT : EPOLLIN);
	}
}

static void move(struct load *load, struct stream *stream, uint32_t events)
{
	(void)events;
	if (stream->left == 0)
		take_receipt(load, stream);
	else if (load->options->up)
		move_up(load, stream);
	else
		move_down(load, stream);
}

static void move_up(struct load *load, struct stream *stream)
{
	off_t offset = 0;
	ssize_t sent = sendfile(stream->fd, payload, &offset, stream->left < CHUNK ? stream->left : CHUNK);

	if (sent < 0 && errno == EAGAIN)
		return;
	if (sent <= 0) {
		fail_stream(load, stream, "stream broke while it was written");
		return;
	}
	stream->left -= (uint64_t)sent;
	if (stream->left == 0)
		watch(load, stream, EPOLLIN);
}

static void move_down(struct load *load, struct stream *stream)
{
	ssize_t got = recv(stream->fd, NULL, stream->left < CHUNK ? stream->left : CHUNK, MSG_TRUNC);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		fail_stream(load, stream, "stream ended early");
		return;
	}
	stream->left -= (uint64_t)got;
	if (stream->left == 0) {
		close_stream(load, stream);
		finish(load, stream);
	}
}

/* The sink answers one byte when it has everything. */
static void take_receipt(struct load *load, struct stream *stream)
{
	char byte;
	ssize_t got = recv(stream->fd, &byte, 1, 0);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got != 1) {
		fail_stream(load, stream, "no receipt from the sink");
		return;
	}
	close_stream(load, stream);
	finish(load, stream);
}

/* Level-triggered, one chunk per event: no stream starves another. */
static void watch(struct load *load, struct stream *stream, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = stream };

	if (epoll_ctl(load->epoll, EPOLL_CTL_MOD, stream->fd, &event) < 0)
		die("cannot watch a socket");
}

static void finish(struct load *load, struct stream *stream)
{
	(void)stream;
	if (++load->finished == load->stream_count)
		load->done = true;
}
