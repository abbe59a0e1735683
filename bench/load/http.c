/*
 * The client side of HTTP CONNECT (RFC 9110 section 9.3.6) to 127.0.1.x, without a login: one request, and an answer up to its blank
 * line.
 */
#define _GNU_SOURCE
#include "load.h"
#include "../target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int ask(struct load *load, struct stream *stream, const char **why);
static int read_answer(struct stream *stream, const char **why);
static int fail(const char **why, const char *text);

int http_advance(struct load *load, struct stream *stream, const char **why)
{
	switch (stream->step) {
	case CONNECTING:
		return ask(load, stream, why);
	case REQUESTED:
		return read_answer(stream, why);
	case CLOSED:
	case GREETED:
	case LOGGING_IN:
	case OPEN:
		break;
	}
	return fail(why, "event in a wrong state");
}

static int ask(struct load *load, struct stream *stream, const char **why)
{
	char message[128];
	uint32_t address = TARGET_BASE + load->next_address % TARGET_ADDRESSES;
	int size = snprintf(message, sizeof message, "CONNECT %u.%u.%u.%u:%u HTTP/1.1\r\nHost: bench\r\n\r\n", address >> 24,
		address >> 16 & 255, address >> 8 & 255, address & 255, load->options->target);

	stream->got = 0;
	if (send(stream->fd, message, (size_t)size, MSG_NOSIGNAL) == size) {
		stream->step = REQUESTED;
		return 0;
	}
	return errno == EAGAIN ? 0 : fail(why, "connection refused by the proxy");
}

/* 1 at the blank line; never takes bytes of what follows, so it looks before it takes. */
static int read_answer(struct stream *stream, const char **why)
{
	size_t room = sizeof stream->reply - stream->got;
	ssize_t seen = recv(stream->fd, stream->reply + stream->got, room, MSG_PEEK);
	const uint8_t *end;
	size_t taken;

	if (seen < 0 && errno == EAGAIN)
		return 0;
	if (seen <= 0)
		return fail(why, seen == 0 ? "closed by the proxy during the handshake"
					   : "reset by the proxy during the handshake");
	end = memmem(stream->reply, stream->got + (size_t)seen, "\r\n\r\n", 4);
	taken = end == NULL ? (size_t)seen : (size_t)(end + 4 - stream->reply) - stream->got;
	if (recv(stream->fd, stream->reply + stream->got, taken, 0) != (ssize_t)taken)
		return fail(why, "what was seen could not be read");
	stream->got += (uint16_t)taken;
	if (end == NULL)
		return stream->got < sizeof stream->reply ? 0 : fail(why, "answer of the proxy is too long");
	if (memcmp(stream->reply, "HTTP/1.1 200 ", 13) != 0)
		return fail(why, "request refused");
	stream->step = OPEN;
	return 1;
}

static int fail(const char **why, const char *text)
{
	*why = text;
	return -1;
}
