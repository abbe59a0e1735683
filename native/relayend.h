/* How a relay ends: limits of time, FIN passed on, RST mirrored. Shared by relay.c and relayend.c only. */
#ifndef PICOSOCKS5_RELAYEND_H
#define PICOSOCKS5_RELAYEND_H

#include "relay.h"

/* The limit in force, the shorter of the two once one side has ended; 0 for none. */
uint64_t relay_limit_ms(const struct relay *relay);

/* Sets the timer of the relay to the next moment at which relay_timeout() has something to look at. */
void relay_arm(struct loop *loop, struct relay *relay);

/* `leg` has sent its last byte. */
void relay_note_fin(struct loop *loop, struct relay *relay, struct leg *leg);

/* Everything from `from` is delivered and it has ended: passes FIN on, or closes both when that was the last. */
void relay_pass_fin(struct loop *loop, struct relay *relay, struct leg *from, struct leg *to);

/* `leg` is broken by `error`: resets the other one too. */
void relay_reset(struct loop *loop, struct relay *relay, struct leg *leg, int error);

void relay_unqueue(struct loop *loop, struct leg *leg);

#endif
