/* Sockets for the engine: addresses, outgoing options, listening and connecting. -errno on failure. */
#ifndef PICOSOCKS5_SOCKET_H
#define PICOSOCKS5_SOCKET_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* The backlog of listeners; the kernel caps it at net.core.somaxconn. */
#define BACKLOG 4096

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Bytes of an IPv6 address and of its zone's index (RFC 4007; 0: no zone), which is in the byte order of this host. */
#define ZONED_SIZE 20

/* From 4 or 16 bytes in network order, or from ZONED_SIZE. -EINVAL for any other size. */
int address_make(union address *address, const uint8_t *bytes, size_t size, uint16_t port);

/* The index of the zone, 0 for none. */
uint32_t address_zone(const union address *address);

/* The arguments of bind(2) and the like. */
socklen_t address_size(const union address *address);

/* Options of all outgoing sockets; zero leaves everything to the system. */
struct socket_options {
	char interface[IFNAMSIZ]; /* SO_BINDTODEVICE */
	uint32_t mark; /* SO_MARK */
	uint32_t keepalive_s; /* SO_KEEPALIVE with this idle time and interval */
	uint8_t tos; /* IP_TOS, IPV6_TCLASS */
	bool fast_open; /* TCP_FASTOPEN_CONNECT */
	bool free_bind; /* IP_FREEBIND */
};

/* Options of one socket that override these; zero leaves them as they are. */
struct socket_marks {
	char interface[IFNAMSIZ];
	uint32_t mark;
};

/* The options of a socket with `marks`, which may be NULL. */
struct socket_options socket_options_with(const struct socket_options *options, const struct socket_marks *marks);

/* The option that could not be set. */
enum socket_option {
	OPTION_NONE,
	OPTION_INTERFACE,
	OPTION_MARK,
	OPTION_KEEPALIVE,
	OPTION_TOS,
	OPTION_FAST_OPEN,
	OPTION_FREE_BIND,
};

/* Sets the options on a new socket; on failure `*failed` names the option. */
int socket_set_options(int fd, int family, const struct socket_options *options, enum socket_option *failed);

/*
 * A listening socket; accepted sockets inherit TCP_NODELAY and keepalive. Only keepalive and `free_bind` of the
 * options apply.
 */
int socket_listen(const union address *address, bool defer, const struct socket_options *options);

/*
 * Whether socket_listen() could bind to the address: 0 or -errno. The socket never listens, so other programs still
 * can.
 */
int socket_try_listener(const union address *address, bool free_bind);

/*
 * Prepares a socket opened by another process for use as a listener. -ESOCKTNOSUPPORT and -EAFNOSUPPORT if it is not
 * TCP, -EINVAL if it does not listen.
 */
int socket_adopt_listener(int fd, bool defer, uint32_t keepalive_s);

/* The same for a Unix socket, whose clients the kernel never holds back. */
int socket_adopt_unix_listener(int fd);

/* A Unix socket that listens at `path`, which must not exist. -ENAMETOOLONG if it does not fit. */
int socket_listen_unix(const char *path);

/* The process that has connected a Unix socket, as it was then (SO_PEERCRED, unix(7)). */
struct socket_peer {
	int32_t pid;
	uint32_t uid, gid;
};

int socket_unix_peer(int fd, struct socket_peer *peer);

/* A connecting socket. `from` may be NULL. */
int socket_connect(const union address *to, const union address *from, const struct socket_options *options,
		   enum socket_option *failed);

/* A bound UDP socket; `options` may be NULL, and options of TCP are ignored. */
int socket_udp(const union address *address, const struct socket_options *options, enum socket_option *failed);

/* Makes the kernel hold little for a connected socket, whatever its peer does; the buffers no longer grow. */
void socket_make_lean(int fd);

/* The options that accepted sockets inherit from socket_listen(), for a connected socket: see UNSENT_MOST. */
void socket_limit_unsent(int fd);

/* The bound address. */
int socket_local(int fd, union address *address);

#endif
