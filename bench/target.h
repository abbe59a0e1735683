/* What load/ and target*.c agree on: where the services are. */
#ifndef TARGET_H
#define TARGET_H

#include <stdint.h>

/* 127.0.1.1 and up: with several destinations no proxy runs out of source ports for one of them. */
#define TARGET_BASE 0x7f000101u
#define TARGET_ADDRESSES 16

/* target_udp.c */
int open_datagrams(uint32_t address, uint16_t *port);
void echo_datagrams(int fd);

#endif
