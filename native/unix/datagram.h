/* A send-only Unix datagram socket that never waits, for /dev/log and NOTIFY_SOCKET. */
#ifndef PICOSOCKS5_DATAGRAM_H
#define PICOSOCKS5_DATAGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

enum datagram_result {
	DATAGRAM_SENT,
	DATAGRAM_FULL, /* the reader is slow, or the record too large: it is lost */
	DATAGRAM_GONE, /* there is no reader at present */
};

struct datagram {
	int fd;
	socklen_t address_size;
	struct sockaddr_un address;
};

/* `path` need not have a reader yet; `@name` is an abstract name. 0 or -errno. */
int datagram_open(struct datagram *datagram, const char *path);

/* Sends one record. Connects first if needed, so that a restarted reader is found again. */
enum datagram_result datagram_send(struct datagram *datagram, const uint8_t *bytes, size_t size);

void datagram_close(struct datagram *datagram);

#endif
