/* Sockets for the engine: listening, connecting, UDP. -errno on failure. */
#ifndef PICOSOCKS5_SOCKET_H
#define PICOSOCKS5_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "socket_options.h"

/* The backlog of listeners; the kernel caps it at net.core.somaxconn. */
#define BACKLOG 4096

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

/* The bound address. */
int socket_local(int fd, union address *address);

#endif
