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

/*
 * Receives up to `most` bytes and the descriptors that came with them, at most `*count`, which becomes their number. They
 * are close-on-exec. The number of bytes, 0 at the end of the stream.
 */
int descriptors_receive(int socket, uint8_t *bytes, size_t most, int *fds, size_t *count);

#endif
