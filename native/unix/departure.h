/* The address from which a socket would leave: the kernel is asked by connecting a UDP socket, which sends nothing. */
#ifndef PICOSOCKS5_DEPARTURE_H
#define PICOSOCKS5_DEPARTURE_H

#include "socket.h"

/*
 * The local address of a socket with these options towards `to`, if none is given; its port is meaningless. -errno:
 * there is no route. `*failed` names the option that could not be set. Never waits.
 */
int departure_ask(const union address *to, const struct socket_options *options, enum socket_option *failed,
		  union address *local);

#endif
