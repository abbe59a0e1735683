/*
 * Passing descriptors to another process over a Unix stream socket (unix(7), SCM_RIGHTS). The bytes beside them
 * belong to the caller and are not looked at. All functions return -errno on failure.
 */
#ifndef PICOSOCKS5_DESCRIPTORS_H
#define PICOSOCKS5_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

/* The limit of Linux for one message (SCM_MAX_FD). */
#define DESCRIPTORS_MOST 253

/* A blocking socket connected to the one at `path`; each call on it waits `timeout_ms` at most. */
int descriptors_connect(const char *path, unsigned timeout_ms);

/*
 * Sends `size` bytes, at least one, with copies of the descriptors. -EAGAIN if the peer does not read: nothing was
 * sent.
 */
int descriptors_send(int socket, const uint8_t *bytes, size_t size, const int *fds, size_t count);

/* The descriptors and the credentials of a message. */
struct delivery {
	int *fds; /* close-on-exec */
	size_t count; /* room for them; then their number */
	int32_t pid; /* the sender, as the kernel tells it (SCM_CREDENTIALS); 0: unknown */
	uint32_t uid;
};

/*
 * Receives up to `most` bytes on a socket of descriptors_connect(), and the items beside them. The number of bytes, 0
 * at the end.
 */
int descriptors_receive(int socket, uint8_t *bytes, size_t most, struct delivery *delivery);

/* The bound name of a Unix socket, empty for none. -EAFNOSUPPORT for any other socket. */
int descriptors_unix_name(int socket, char *name, size_t size);

#endif
