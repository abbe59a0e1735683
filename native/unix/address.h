/* An address and a port as the kernel wants them: IPv4, or IPv6 with the zone of a link-local address. */
#ifndef PICOSOCKS5_ADDRESS_H
#define PICOSOCKS5_ADDRESS_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

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

#endif
