/* See socket.h. */
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"

/* How long the kernel holds back a client that connects and sends nothing. */
#define DEFER_SECONDS 1

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

/* Room for a burst before it is read; the kernel caps it at net.core.rmem_max. */
#define UDP_RECEIVE_BUFFER (1024 * 1024)

int address_make(union address *address, const uint8_t *bytes, size_t size, uint16_t port)
{
	memset(address, 0, sizeof *address);
	if (size == sizeof address->v4.sin_addr) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons(port);
		memcpy(&address->v4.sin_addr, bytes, size);
		return 0;
	}
	if (size == sizeof address->v6.sin6_addr || size == ZONED_SIZE) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons(port);
		memcpy(&address->v6.sin6_addr, bytes, sizeof address->v6.sin6_addr);
		if (size == ZONED_SIZE)
			memcpy(&address->v6.sin6_scope_id, bytes + sizeof address->v6.sin6_addr,
			       sizeof address->v6.sin6_scope_id);
		return 0;
	}
	return -EINVAL;
}

uint32_t address_zone(const union address *address)
{
	return address->any.sa_family == AF_INET6 ? address->v6.sin6_scope_id : 0;
}

socklen_t address_size(const union address *address)
{
	return address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
}

static int set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

static int set_keepalive(int fd, uint32_t seconds)
{
	if (seconds == 0)
		return 0;
	TRY(set(fd, SOL_SOCKET, SO_KEEPALIVE, 1));
	TRY(set(fd, IPPROTO_TCP, TCP_KEEPIDLE, (int)seconds));
	TRY(set(fd, IPPROTO_TCP, TCP_KEEPINTVL, (int)seconds));
	return set(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
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
	return family == AF_INET ? set(fd, IPPROTO_IP, IP_TOS, tos) : set(fd, IPPROTO_IPV6, IPV6_TCLASS, tos);
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
		TRY(set(fd, SOL_SOCKET, SO_MARK, (int)options->mark));
	*failed = OPTION_KEEPALIVE;
	TRY(set_keepalive(fd, options->keepalive_s));
	*failed = OPTION_TOS;
	TRY(set_tos(fd, family, options->tos));
	*failed = OPTION_FAST_OPEN;
	if (options->fast_open)
		TRY(set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1));
	*failed = OPTION_FREE_BIND;
	if (options->free_bind)
		TRY(set(fd, IPPROTO_IP, IP_FREEBIND, 1));
	*failed = OPTION_NONE;
	return 0;
}

static int new_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* The options that accepted sockets inherit, and how they are accepted. */
static int tune_listener(int fd, bool defer, uint32_t keepalive_s)
{
	TRY(set(fd, IPPROTO_TCP, TCP_NODELAY, 1));
	TRY(set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_MOST));
	TRY(set_keepalive(fd, keepalive_s));
	return defer ? set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, DEFER_SECONDS) : 0;
}

static int bind_listener(int fd, const union address *address, bool free_bind)
{
	TRY(set(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	if (free_bind)
		TRY(set(fd, IPPROTO_IP, IP_FREEBIND, 1));
	if (address->any.sa_family == AF_INET6)
		TRY(set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	return bind(fd, &address->any, address_size(address)) < 0 ? -errno : 0;
}

static int prepare_listener(int fd, const union address *address, bool defer, const struct socket_options *options)
{
	TRY(tune_listener(fd, defer, options->keepalive_s));
	TRY(bind_listener(fd, address, options->free_bind));
	return listen(fd, BACKLOG) < 0 ? -errno : 0;
}

int socket_listen(const union address *address, bool defer, const struct socket_options *options)
{
	int fd = new_socket(address->any.sa_family, SOCK_STREAM);

	TRY(fd);
	int status = prepare_listener(fd, address, defer, options);
	if (status == 0)
		return fd;
	close(fd);
	return status;
}

int socket_try_listener(const union address *address, bool free_bind)
{
	int fd = new_socket(address->any.sa_family, SOCK_STREAM);

	TRY(fd);
	int status = bind_listener(fd, address, free_bind);
	close(fd);
	return status;
}

/* The value of an option of SOL_SOCKET, or -errno. */
static int ask(int fd, int name)
{
	int value = 0;
	socklen_t size = sizeof value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &size) < 0 ? -errno : value;
}

/* For a listening stream socket of one of two families. */
static int adopt(int fd, int family, int other_family)
{
	int type = ask(fd, SO_TYPE), found = ask(fd, SO_DOMAIN);

	TRY(type);
	TRY(found);
	if (type != SOCK_STREAM)
		return -ESOCKTNOSUPPORT;
	if (found != family && found != other_family)
		return -EAFNOSUPPORT;
	if (ask(fd, SO_ACCEPTCONN) != 1)
		return -EINVAL;
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	return 0;
}

int socket_adopt_listener(int fd, bool defer, uint32_t keepalive_s)
{
	TRY(adopt(fd, AF_INET, AF_INET6));
	return tune_listener(fd, defer, keepalive_s);
}

int socket_adopt_unix_listener(int fd)
{
	return adopt(fd, AF_UNIX, AF_UNIX);
}

int socket_listen_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = strlen(path);

	if (size >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, size);
	int fd = new_socket(AF_UNIX, SOCK_STREAM);
	TRY(fd);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int status = -errno;
	close(fd);
	return status;
}

int socket_unix_peer(int fd, struct socket_peer *peer)
{
	struct ucred found;
	socklen_t size = sizeof found;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &size) < 0)
		return -errno;
	*peer = (struct socket_peer){ .pid = found.pid, .uid = found.uid, .gid = found.gid };
	return 0;
}

/* connect() chooses the port, so that one source address has 28,000 ports for each destination. */
static int bind_source(int fd, const union address *from)
{
	if (from == NULL)
		return 0;
	TRY(set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1));
	return bind(fd, &from->any, address_size(from)) < 0 ? -errno : 0;
}

static int start_connect(int fd, const union address *to)
{
	if (connect(fd, &to->any, address_size(to)) == 0 || errno == EINPROGRESS)
		return 0;
	return -errno;
}

int socket_connect(const union address *to, const union address *from, const struct socket_options *options,
		   enum socket_option *failed)
{
	int fd = new_socket(to->any.sa_family, SOCK_STREAM);

	*failed = OPTION_NONE;
	TRY(fd);
	int status = socket_set_options(fd, to->any.sa_family, options, failed);
	if (status == 0)
		status = bind_source(fd, from);
	if (status == 0)
		status = start_connect(fd, to);
	if (status == 0)
		return fd;
	close(fd);
	return status;
}

static int prepare_udp(int fd, const union address *address, const struct socket_options *options,
		       enum socket_option *failed)
{
	if (options != NULL) {
		struct socket_options of_udp = *options;
		of_udp.keepalive_s = 0;
		of_udp.fast_open = false;
		TRY(socket_set_options(fd, address->any.sa_family, &of_udp, failed));
	}
	TRY(set(fd, SOL_SOCKET, SO_RCVBUF, UDP_RECEIVE_BUFFER));
	if (address->any.sa_family == AF_INET6)
		TRY(set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	return bind(fd, &address->any, address_size(address)) < 0 ? -errno : 0;
}

int socket_udp(const union address *address, const struct socket_options *options, enum socket_option *failed)
{
	int fd = new_socket(address->any.sa_family, SOCK_DGRAM);

	*failed = OPTION_NONE;
	TRY(fd);
	int status = prepare_udp(fd, address, options, failed);
	if (status == 0)
		return fd;
	close(fd);
	return status;
}

/* If the kernel refuses, the socket works as before: its memory is counted in any case. */
void socket_make_lean(int fd)
{
	set(fd, SOL_SOCKET, SO_RCVBUF, LEAN_RECEIVE_BUFFER);
	set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, LEAN_UNSENT_MOST);
}

void socket_limit_unsent(int fd)
{
	set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_MOST);
}

int socket_local(int fd, union address *address)
{
	socklen_t size = sizeof *address;

	return getsockname(fd, &address->any, &size) < 0 ? -errno : 0;
}
