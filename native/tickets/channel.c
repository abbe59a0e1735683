/* See channel.h. */
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "kerberos.h"

int channel_read(void *to, size_t length)
{
	for (size_t at = 0; at < length;) {
		ssize_t got = read(CHANNEL, (char *)to + at, length - at);
		if (got == 0 || (got < 0 && errno != EINTR))
			return 0;
		at += got < 0 ? 0 : (size_t)got;
	}
	return 1;
}

static int write_all(const uint8_t *from, size_t length)
{
	for (size_t at = 0; at < length;) {
		ssize_t put = write(CHANNEL, from + at, length - at);
		if (put < 0 && errno != EINTR)
			return 0;
		at += put < 0 ? 0 : (size_t)put;
	}
	return 1;
}

int channel_say(uint32_t id, const uint8_t *bytes, size_t length)
{
	static uint8_t message[HEAD_BYTES + MAX_ANSWER];
	uint8_t *at = answer_number(answer_number(message, id, 4), length, 4);
	size_t size = (size_t)(answer_bytes(at, bytes, length) - message);
	int is_said = write_all(message, size);

	explicit_bzero(message, size);
	return is_said;
}

int channel_empty(void)
{
	const struct timespec at_once = { 0 };
	struct pollfd channel = { CHANNEL, POLLIN, 0 };
	char bytes[4096];

	while (ppoll(&channel, 1, &at_once, NULL) > 0)
		if (read(CHANNEL, bytes, sizeof bytes) <= 0)
			return 0;
	return 1;
}

int channel_rest(unsigned seconds)
{
	const struct timespec limit = { .tv_sec = seconds };
	struct pollfd channel = { CHANNEL, 0, 0 };

	return ppoll(&channel, 1, &limit, NULL) <= 0;
}
