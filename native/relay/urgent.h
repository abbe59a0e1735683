/* TCP's urgent byte (RFC 793 section 3.7, tcp(7)), passed on in its place in the stream. */
#ifndef PICOSOCKS5_URGENT_H
#define PICOSOCKS5_URGENT_H

#include "../leg/leg.h"

/*
 * Call it after each read from a leg marked `urgent`: when the stream has reached the urgent byte, it is sent on as
 * urgent and the mark is removed. False if the receiver is broken.
 */
bool urgent_pass(struct leg *from, struct leg *to);

#endif
