/* See datagram.h. */
#include "datagram.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int datagram_open(struct datagram *datagram, const char *path)
{
	size_t size = strlen(path);

	memset(datagram, 0, sizeof *datagram);
	datagram->fd = -1;
	if (size == 0 || size >= sizeof datagram->address.sun_path)
		return -EINVAL;
	datagram->address.sun_family = AF_UNIX;
	memcpy(datagram->address.sun_path, path, size);
	datagram->address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
	if (path[0] == '@')
		datagram->address.sun_path[0] = '\0';
	else
		datagram->address_size++;
	datagram->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return datagram->fd < 0 ? -errno : 0;
}

static bool send_once(const struct datagram *datagram, const uint8_t *bytes, size_t size)
{
	ssize_t sent;

	do {
		sent = send(datagram->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	return sent >= 0;
}

static enum datagram_result result_of_failure(void)
{
	switch (errno) {
	case EAGAIN:
	case ENOBUFS:
	case ENOMEM:
	case EMSGSIZE:
		return DATAGRAM_FULL;
	default:
		return DATAGRAM_GONE;
	}
}

enum datagram_result datagram_send(struct datagram *datagram, const uint8_t *bytes, size_t size)
{
	if (send_once(datagram, bytes, size))
		return DATAGRAM_SENT;
	if (result_of_failure() == DATAGRAM_FULL)
		return DATAGRAM_FULL;
	if (connect(datagram->fd, (const struct sockaddr *)&datagram->address, datagram->address_size) < 0)
		return result_of_failure();
	return send_once(datagram, bytes, size) ? DATAGRAM_SENT : result_of_failure();
}

void datagram_close(struct datagram *datagram)
{
	if (datagram->fd >= 0)
		close(datagram->fd);
	datagram->fd = -1;
}
