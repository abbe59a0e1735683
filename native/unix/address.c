/* See address.h. */
#include "address.h"

#include <errno.h>
#include <string.h>

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
