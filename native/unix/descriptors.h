/*
 * Passing descriptors to another process over a Unix stream socket (unix(7), SCM_RIGHTS). What is said beside them is
 * the caller's affair: no byte is looked at. All functions return -errno on failure.
 */
#ifndef PICOSOCKS5_DESCRIPTORS_H
#define PICOSOCKS5_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

/* As many as Linux takes in one message (SCM_MAX_FD). */
#define DESCRIPTORS_MOST 253

/* A blocking socket that is connected to the one at `path`; each of its calls waits `timeout_ms` at most. */
int descriptors_connect(const char *path, unsigned timeout_ms);

/* Sends `size` bytes, one at least, with copies of the descriptors. -EAGAIN where the peer does not read: none was sent. */
int descriptors_send(int socket, const uint8_t *bytes, size_t size, const int *fds, size_t count);

/* The descriptors and the credentials that a message carried. */
struct delivery {
	int *fds; /* close-on-exec */
	size_t count; /* room for them; then their number */
	int32_t pid; /* of whoever sent this, says the kernel (SCM_CREDENTIALS); 0: it does not say */
	uint32_t uid;
};

/* Receives up to `most` bytes on a socket of descriptors_connect() and what comes with them. The number of bytes, 0 at the end. */
int descriptors_receive(int socket, uint8_t *bytes, size_t most, struct delivery *delivery);

/* The name of a Unix socket as it was bound, empty for none. -EAFNOSUPPORT for any other socket. */
int descriptors_unix_name(int socket, char *name, size_t size);

#endif
