/* Which address a socket would leave from: the kernel is asked by connecting one of UDP, which sends nothing. */
#ifndef PICOSOCKS5_DEPARTURE_H
#define PICOSOCKS5_DEPARTURE_H

#include "socket.h"

/*
 * The local address of a socket with these options towards `to`, where none is named; its port says nothing. -errno: the kernel
 * knows no way. `*failed` names the option that could not be set. Never waits.
 */
int departure_ask(const union address *to, const struct socket_options *options, enum socket_option *failed,
		  union address *local);

#endif
