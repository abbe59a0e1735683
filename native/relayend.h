/* The inside of a relay: moving, waiting, ending. Shared by the files relay*.c only. */
#ifndef PICOSOCKS5_RELAYEND_H
#define PICOSOCKS5_RELAYEND_H

#include "relay.h"

/*
 * Moves what there is from one side to the other until it is drained, the receiver is slow, the rate is reached or
 * the budget is spent.
 */
void relay_pump(struct loop *loop, struct relay *relay, enum side side);
void relay_pump_both(struct loop *loop, struct relay *relay);

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
