/* Descriptor 3, a stream socket to the daemon: `ID LENGTH BYTES` in both directions, numbers of 32 bits in network order. */
#ifndef TICKETS_CHANNEL_H
#define TICKETS_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#define CHANNEL 3
/* ID LENGTH */
#define HEAD_BYTES 8

/* Reads exactly that much. 0 where the daemon is gone. */
int channel_read(void *to, size_t length);

/* Writes a message of at most MAX_ANSWER bytes, in one write. 0 where the daemon is gone. */
int channel_say(uint32_t id, const uint8_t *bytes, size_t length);

/* Throws away what has come. 0 where the daemon is gone. */
int channel_empty(void);

/* Waits. 0 where the daemon has gone meanwhile. */
int channel_rest(unsigned seconds);

#endif
