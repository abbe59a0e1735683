/* The addresses that this kernel delivers to itself: RTM_GETROUTE over rtnetlink(7), which answers within the call. */
#ifndef PICOSOCKS5_DELIVERY_H
#define PICOSOCKS5_DELIVERY_H

#include <stddef.h>
#include <stdint.h>

#include "socket.h"

struct delivery {
	int fd;
	uint32_t sequence;
};

/*
 * Opens the socket and tries it once. It keeps working after chroot, without privileges, and with only sendto,
 * recvfrom and ioctl allowed. 0 or -errno.
 */
int delivery_open(struct delivery *delivery);

/*
 * 1: a packet for the address (4 or 16 bytes in network order) stays on this host, be it local, anycast, broadcast or
 * multicast. 0: it leaves, or is not routed. -errno: the kernel did not tell. `marks`, those of the sending socket,
 * may be NULL. Never waits.
 */
int delivery_ask(struct delivery *delivery, const uint8_t *address, size_t size, const struct socket_marks *marks);

void delivery_close(struct delivery *delivery);

#endif
