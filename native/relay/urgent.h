/* TCP's urgent byte (RFC 793 section 3.7, tcp(7)), passed on in its place in the stream. */
#ifndef PICOSOCKS5_URGENT_H
#define PICOSOCKS5_URGENT_H

#include "leg.h"

/*
 * Called after each read from a leg that is marked `urgent`: when the stream has come to the urgent byte, sends it on
 * as one and takes the mark off. False when the receiver is broken.
 */
bool urgent_pass(struct leg *from, struct leg *to);

#endif
