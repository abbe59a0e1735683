/* The inside of a relay: moving, waiting, ending. Shared by the files relay*.c only. */
#ifndef PICOSOCKS5_RELAYEND_H
#define PICOSOCKS5_RELAYEND_H

#include "relay.h"

/*
 * Moves bytes from one side to the other until the sender is drained, the receiver is slow, the rate is reached or
 * the budget is spent.
 */
void relay_pump(struct loop *loop, struct relay *relay, enum side side);
void relay_pump_both(struct loop *loop, struct relay *relay);

/* Moves one buffer. False: this direction has to wait, or the relay is over. */
bool relay_move(struct loop *loop, struct relay *relay, enum side side, size_t *budget);

/* Counts and sends the bytes read from one side. False if the receiver is broken, and the relay over. */
bool relay_pass(struct loop *loop, struct relay *relay, enum side side, const uint8_t *bytes, size_t size);

/* Counts `size` bytes read from one side. */
void relay_count(struct loop *loop, struct relay *relay, enum side side, size_t bytes);

/* Whether a direction is worth a pipe: relay_note_read() is called with the size of each read. */
bool relay_is_bulk(const struct loop *loop, const struct relay *relay, enum side side);
void relay_note_read(struct relay *relay, enum side side, size_t size);

/*
 * Moves at most `most` bytes of bulk. 0: no bytes moved, and a read has to find out why, unless the leg is not readable
 * any more or the relay is over. Call it only when no bytes wait for the receiver.
 */
size_t relay_splice(struct loop *loop, struct relay *relay, enum side side, size_t most);

/* Bytes read from one side that the other has not taken yet. */
size_t relay_waiting(const struct relay *relay, enum side side);

/* Whether bytes wait for the other side, here or where they came from; whether any do. */
static inline bool relay_side_is_stalled(const struct relay *relay, enum side side)
{
	return relay->blocked[side] || relay_waiting(relay, side) > 0;
}
static inline bool relay_is_stalled(const struct relay *relay)
{
	return relay_side_is_stalled(relay, CLIENT) || relay_side_is_stalled(relay, TARGET);
}

/* Sends waiting bytes as far as the socket takes them. False if the receiver is broken, and the relay over. */
bool relay_flush(struct loop *loop, struct relay *relay, enum side side);

/* Discards the bytes that wait in a pipe. */
void relay_drop_pipe(struct loop *loop, struct relay *relay, enum side side);

/* Bytes that may be read before the stop, SIZE_MAX without one. */
size_t relay_stop_room(const struct relay *relay);

/* Sets the timer of the relay to the next moment at which relay_timeout() has something to do. */
void relay_arm(struct loop *loop, struct relay *relay);

/* `leg` has sent its last byte. */
void relay_note_fin(struct loop *loop, struct relay *relay, struct leg *leg);

/* Everything from `from` is delivered and it has ended: passes FIN on, or closes both when that was the last. */
void relay_pass_fin(struct loop *loop, struct relay *relay, struct leg *from, struct leg *to);

/* `leg` is broken by `error`: resets the other one too. */
void relay_reset(struct loop *loop, struct relay *relay, struct leg *leg, int error);

void relay_unqueue(struct loop *loop, struct leg *leg);

#endif
