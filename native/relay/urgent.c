/* See urgent.h. */
#include "urgent.h"

#include <errno.h>
#include <sys/socket.h>

bool urgent_pass(struct leg *from, struct leg *to)
{
	uint8_t byte;

	/* A slow receiver gets the earlier bytes first; the mark stays until then. */
	if (to->rest != NULL || sockatmark(from->fd) != 1)
		return true;
	from->urgent = false;
	if (recv(from->fd, &byte, 1, MSG_OOB | MSG_DONTWAIT) != 1)
		return true;
	if (send(to->fd, &byte, 1, MSG_OOB | MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
		return true;
	/* If the socket is full, the byte is lost: it is a signal, and the stream itself stays complete. */
	return errno == EAGAIN || errno == EWOULDBLOCK;
}
