/*
 * The client side of RFC 1928 and RFC 1929: greeting, login when a user is given, CONNECT to 127.0.1.x or UDP ASSOCIATE
 * from a port that is not known yet.
 */
#define _GNU_SOURCE
#include "load.h"
#include "../target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static int greet(struct load *load, struct stream *stream, const char **why);
static int log_in(struct load *load, struct stream *stream, const char **why);
static int request(struct load *load, struct stream *stream, const char **why);
static int read_reply(struct stream *stream, uint16_t size, const char **why);
static uint16_t connect_reply_size(const struct stream *stream);
static int send_all(struct stream *stream, const void *bytes, size_t size, enum step next, const char **why);
static int fail(const char **why, const char *text);

int socks_advance(struct load *load, struct stream *stream, const char **why)
{
	int result;

	switch (stream->step) {
	case CONNECTING:
		return greet(load, stream, why);
	case GREETED:
		result = read_reply(stream, 2, why);
		if (result != 1)
			return result;
		if (stream->reply[1] == 0xff)
			return fail(why, "no acceptable method");
		return stream->reply[1] == 2 ? log_in(load, stream, why) : request(load, stream, why);
	case LOGGING_IN:
		result = read_reply(stream, 2, why);
		if (result != 1)
			return result;
		return stream->reply[1] == 0 ? request(load, stream, why) : fail(why, "login refused");
	case REQUESTED:
		do {
			result = read_reply(stream, connect_reply_size(stream), why);
		} while (result == 1 && stream->got < connect_reply_size(stream));
		if (result != 1)
			return result;
		if (stream->reply[1] != 0)
			return fail(why, "request refused");
		stream->step = OPEN;
		return 1;
	case CLOSED:
	case OPEN:
		break;
	}
	return fail(why, "event in a wrong state");
}

static int greet(struct load *load, struct stream *stream, const char **why)
{
	const uint8_t greeting[3] = { 5, 1, load->options->user == NULL ? 0 : 2 };

	if (send(stream->fd, greeting, sizeof greeting, MSG_NOSIGNAL) == sizeof greeting) {
		stream->step = GREETED;
		return 0;
	}
	return errno == EAGAIN ? 0 : fail(why, "connection refused by the proxy");
}

static int log_in(struct load *load, struct stream *stream, const char **why)
{
	const char *user = load->options->user;
	const char *password = load->options->password;
	uint8_t message[515];
	size_t user_size = user == NULL ? 0 : strlen(user);
	size_t password_size = password == NULL ? 0 : strlen(password);

	if (user_size == 0 || user_size > 255 || password_size > 255)
		return fail(why, "login wanted, but no user was given");
	message[0] = 1;
	message[1] = (uint8_t)user_size;
	memcpy(message + 2, user, user_size);
	message[2 + user_size] = (uint8_t)password_size;
	if (password_size > 0)
		memcpy(message + 3 + user_size, password, password_size);
	return send_all(stream, message, 3 + user_size + password_size, LOGGING_IN, why);
}

static int request(struct load *load, struct stream *stream, const char **why)
{
	bool associate = load->options->associate;
	uint32_t address = associate ? INADDR_ANY : TARGET_BASE + load->next_address % TARGET_ADDRESSES;
	uint16_t port = associate ? 0 : load->options->target;
	const uint8_t message[10] = { 5, associate ? 3 : 1, 0, 1, (uint8_t)(address >> 24), (uint8_t)(address >> 16),
		(uint8_t)(address >> 8), (uint8_t)address, (uint8_t)(port >> 8), (uint8_t)port };

	return send_all(stream, message, sizeof message, REQUESTED, why);
}

/* 1 when stream->reply holds `size` bytes; never takes bytes of what follows. */
static int read_reply(struct stream *stream, uint16_t size, const char **why)
{
	ssize_t got;

	if (size <= stream->got)
		return fail(why, "reply of the proxy has a wrong length");
	got = recv(stream->fd, stream->reply + stream->got, size - stream->got, 0);
	if (got < 0 && errno == EAGAIN)
		return 0;
	if (got <= 0)
		return fail(why, got == 0 ? "closed by the proxy during the handshake"
					  : "reset by the proxy during the handshake");
	stream->got += (uint16_t)got;
	return stream->got == size ? 1 : 0;
}

/* What is known so far; final when five bytes are there. */
static uint16_t connect_reply_size(const struct stream *stream)
{
	if (stream->got < 5)
		return 10;
	switch (stream->reply[3]) {
	case 3:
		return (uint16_t)(7 + stream->reply[4]);
	case 4:
		return 22;
	default:
		return 10;
	}
}

/* Handshake messages fit any fresh send buffer, so a short send is a failure. */
static int send_all(struct stream *stream, const void *bytes, size_t size, enum step next, const char **why)
{
	stream->got = 0;
	stream->step = next;
	if (send(stream->fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size)
		return 0;
	return fail(why, "send failed during the handshake");
}

static int fail(const char **why, const char *text)
{
	*why = text;
	return -1;
}
