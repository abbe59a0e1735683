/* See socket_options.h. */
#include "socket_options.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"

#define KEEPALIVE_PROBES 4

/*
 * Most bytes that the kernel takes for a peer beyond those in flight. Without it a send buffer grows to 4 MiB for a
 * peer that reads nothing; bytes in flight need no more than the congestion window, which this leaves alone.
 */
#define UNSENT_MOST (1024 * 1024)

/*
 * For lean sockets. The kernel doubles the receive buffer for its bookkeeping. It must be no smaller than the window
 * that a new connection has announced (tcp_rmem): bytes beyond it would have to be sent again. The send buffer may
 * still grow with the congestion window: a receiver that reads must not be slowed down.
 */
#define LEAN_RECEIVE_BUFFER (64 * 1024)
#define LEAN_UNSENT_MOST (64 * 1024)

int socket_set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

int socket_set_keepalive(int fd, uint32_t seconds)
{
	if (seconds == 0)
		return 0;
	TRY(socket_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1));
	TRY(socket_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, (int)seconds));
	TRY(socket_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, (int)seconds));
	return socket_set(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
}

static int set_interface(int fd, const char *interface)
{
	if (interface[0] == '\0')
		return 0;
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) < 0 ? -errno : 0;
}

static int set_tos(int fd, int family, uint8_t tos)
{
	if (tos == 0)
		return 0;
	return family == AF_INET ? socket_set(fd, IPPROTO_IP, IP_TOS, tos) : socket_set(fd, IPPROTO_IPV6, IPV6_TCLASS, tos);
}

struct socket_options socket_options_with(const struct socket_options *options, const struct socket_marks *marks)
{
	struct socket_options own = *options;

	if (marks != NULL && marks->interface[0] != '\0')
		memcpy(own.interface, marks->interface, sizeof own.interface);
	if (marks != NULL && marks->mark != 0)
		own.mark = marks->mark;
	return own;
}

int socket_set_options(int fd, int family, const struct socket_options *options, enum socket_option *failed)
{
	*failed = OPTION_INTERFACE;
	TRY(set_interface(fd, options->interface));
	*failed = OPTION_MARK;
	if (options->mark != 0)
		TRY(socket_set(fd, SOL_SOCKET, SO_MARK, (int)options->mark));
	*failed = OPTION_KEEPALIVE;
	TRY(socket_set_keepalive(fd, options->keepalive_s));
	*failed = OPTION_TOS;
	TRY(set_tos(fd, family, options->tos));
	*failed = OPTION_FAST_OPEN;
	if (options->fast_open)
		TRY(socket_set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1));
	*failed = OPTION_FREE_BIND;
	if (options->free_bind)
		TRY(socket_set(fd, IPPROTO_IP, IP_FREEBIND, 1));
	*failed = OPTION_NONE;
	return 0;
}

/* If the kernel refuses, the socket works as before: its memory is counted in any case. */
void socket_make_lean(int fd)
{
	socket_set(fd, SOL_SOCKET, SO_RCVBUF, LEAN_RECEIVE_BUFFER);
	socket_set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, LEAN_UNSENT_MOST);
}

int socket_limit_unsent(int fd)
{
	return socket_set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_MOST);
}
