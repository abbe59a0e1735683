/* Options of sockets: those that the operator sets, and bounds on what the kernel holds. -errno on failure. */
#ifndef PICOSOCKS5_SOCKET_OPTIONS_H
#define PICOSOCKS5_SOCKET_OPTIONS_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

/* setsockopt(2) with a number. */
int socket_set(int fd, int level, int name, int value);

/* SO_KEEPALIVE with this idle time and interval; 0 leaves it as it is. */
int socket_set_keepalive(int fd, uint32_t seconds);

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

/* Makes the kernel hold little for a connected socket, whatever its peer does; the buffers no longer grow. */
void socket_make_lean(int fd);

/* See UNSENT_MOST; accepted sockets inherit it from their listener. */
int socket_limit_unsent(int fd);

#endif
