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

/* Room for a burst before it is read; the kernel caps it at net.core.rmem_max. */
#define UDP_RECEIVE_BUFFER (1024 * 1024)

static int new_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* The options that accepted sockets inherit, and how they are accepted. */
static int tune_listener(int fd, bool defer, uint32_t keepalive_s)
{
	TRY(socket_set(fd, IPPROTO_TCP, TCP_NODELAY, 1));
	TRY(socket_limit_unsent(fd));
	TRY(socket_set_keepalive(fd, keepalive_s));
	return defer ? socket_set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, DEFER_SECONDS) : 0;
}

static int bind_listener(int fd, const union address *address, bool free_bind)
{
	TRY(socket_set(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	if (free_bind)
		TRY(socket_set(fd, IPPROTO_IP, IP_FREEBIND, 1));
	if (address->any.sa_family == AF_INET6)
		TRY(socket_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
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
	TRY(socket_set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1));
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
	TRY(socket_set(fd, SOL_SOCKET, SO_RCVBUF, UDP_RECEIVE_BUFFER));
	if (address->any.sa_family == AF_INET6)
		TRY(socket_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
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

int socket_local(int fd, union address *address)
{
	socklen_t size = sizeof *address;

	return getsockname(fd, &address->any, &size) < 0 ? -errno : 0;
}
