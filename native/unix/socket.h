/* Sockets as the engine wants them: addresses, outgoing options, listening and connecting. -errno on failure. */
#ifndef PICOSOCKS5_SOCKET_H
#define PICOSOCKS5_SOCKET_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Of listeners; the kernel caps it at net.core.somaxconn. */
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

/* What bind(2) and its like want to be told. */
socklen_t address_size(const union address *address);

/* What outgoing sockets are set to; zero leaves everything to the system. */
struct socket_options {
	char interface[IFNAMSIZ]; /* SO_BINDTODEVICE */
	uint32_t mark; /* SO_MARK */
	uint32_t keepalive_s; /* SO_KEEPALIVE with this idle time and interval */
	uint8_t tos; /* IP_TOS, IPV6_TCLASS */
	bool fast_open; /* TCP_FASTOPEN_CONNECT */
	bool free_bind; /* IP_FREEBIND */
};

/* What one socket is set to instead; zero leaves it as all of them are. */
struct socket_marks {
	char interface[IFNAMSIZ];
	uint32_t mark;
};

/* The options of a socket that has `marks`, which may be NULL. */
struct socket_options socket_options_with(const struct socket_options *options, const struct socket_marks *marks);

/* Which option could not be set. */
enum socket_option {
	OPTION_NONE,
	OPTION_INTERFACE,
	OPTION_MARK,
	OPTION_KEEPALIVE,
	OPTION_TOS,
	OPTION_FAST_OPEN,
	OPTION_FREE_BIND,
};

/* Sets the options on a new socket; `*failed` says which one it was in case of failure. */
int socket_set_options(int fd, int family, const struct socket_options *options, enum socket_option *failed);

/* A listening socket; TCP_NODELAY and keepalive are inherited by what it accepts. Of the options it has that and `free_bind`. */
int socket_listen(const union address *address, bool defer, const struct socket_options *options);

/* Whether socket_listen() could bind there, 0 or -errno. Nothing listens meanwhile, and whoever starts to at this moment can. */
int socket_try_listener(const union address *address, bool free_bind);

/*
 * Makes a socket that somebody else has opened fit to be a listener as above. -ESOCKTNOSUPPORT and -EAFNOSUPPORT for one
 * that is not of TCP, -EINVAL for one that does not listen.
 */
int socket_adopt_listener(int fd, bool defer, uint32_t keepalive_s);

/* A socket that is connecting. `from` may be NULL. */
int socket_connect(const union address *to, const union address *from, const struct socket_options *options,
		   enum socket_option *failed);

/* A bound UDP socket; `options` may be NULL, and what is of TCP in them is left out. */
int socket_udp(const union address *address, const struct socket_options *options, enum socket_option *failed);

/* Makes the kernel hold little for a connected socket, whatever its peer does; the buffers grow no more. */
void socket_make_lean(int fd);

/* What socket_listen() sets for accepted sockets, for one that was connected: see UNSENT_MOST. */
void socket_limit_unsent(int fd);

/* The bound address. */
int socket_local(int fd, union address *address);

#endif
