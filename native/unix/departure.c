/* See departure.h. */
#include "departure.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

/* Any but 0, which means none. */
#define SOME_PORT 9

static void set_port(union address *address)
{
	if (address->any.sa_family == AF_INET)
		address->v4.sin_port = htons(SOME_PORT);
	else
		address->v6.sin6_port = htons(SOME_PORT);
}

static int ask_with(int fd, const union address *to, const struct socket_options *options, enum socket_option *failed,
		    union address *local)
{
	struct socket_options of_udp = *options;
	union address somewhere = *to;

	of_udp.keepalive_s = 0;
	of_udp.fast_open = false;
	set_port(&somewhere);
	TRY(socket_set_options(fd, to->any.sa_family, &of_udp, failed));
	if (connect(fd, &somewhere.any, address_size(&somewhere)) < 0)
		return -errno;
	return socket_local(fd, local);
}

int departure_ask(const union address *to, const struct socket_options *options, enum socket_option *failed,
		  union address *local)
{
	int fd = socket(to->any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*failed = OPTION_NONE;
	if (fd < 0)
		return -errno;
	int status = ask_with(fd, to, options, failed, local);
	close(fd);
	return status;
}
