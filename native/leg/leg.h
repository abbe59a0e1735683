/*
 * One socket of the engine, the table that gives each a handle, and sending with a bounded rest.
 * A leg is used by one thread at a time: the engine's, or the relay thread that its relay was handed to.
 */
#ifndef PICOSOCKS5_LEG_H
#define PICOSOCKS5_LEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ledger.h"
#include "wheel.h"

/* Most bytes that leg_send() keeps for one slow receiver. A relay stops reading the sender long before. */
#define REST_LIMIT (512 * 1024)

enum leg_state { LEG_FREE, LEG_LISTENING, LEG_CONNECTING, LEG_OPEN, LEG_RELAYED, LEG_LINGERING, LEG_UDP };

/* Bytes that the receiver has not taken yet. Allocated only while there are any. */
struct rest {
	uint32_t size;
	uint32_t sent;
	uint8_t bytes[];
};

struct relay;

struct leg {
	int fd;
	uint32_t handle; /* of this use of the slot, see below */
	uint8_t state; /* enum leg_state */
	bool readable : 1; /* an edge was seen, and not everything read since */
	bool hung_up : 1; /* EPOLLRDHUP was seen: FIN follows the unread bytes */
	bool ended : 1; /* FIN was read */
	bool wants_read : 1; /* JavaScript waits for the next bytes */
	bool watches_out : 1; /* EPOLLOUT is in the epoll mask */
	bool broken : 1; /* a reset was seen */
	bool urgent : 1; /* an urgent byte stands somewhere in the stream */
	bool dialled : 1; /* ours by connect(), so TCP_NODELAY was not inherited */
	bool sent_once : 1;
	bool fin_passed : 1; /* FIN was passed on to the other leg */
	bool finishing : 1; /* LEG_OPEN: FIN follows the rest */
	bool queued : 1; /* on the ready list of its loop */
	bool spliced : 1; /* since the last read: an urgent byte may be next that epoll has not told of yet */
	bool speaks_first : 1; /* LEG_LISTENING: accepted clients come with their first bytes */
	struct rest *rest; /* waits to be sent to this leg's peer */
	struct ledger *ledger; /* counts the rest */
	union {
		struct relay *relay; /* LEG_RELAYED */
		uint32_t next_free; /* LEG_FREE: index in the table */
	};
	struct leg *next; /* ready list of a loop; list of listeners */
	struct timer timer; /* limits of the relay (on the client's leg); end of lingering */
};

/*
 * Handles for JavaScript: index | use << LEG_INDEX_BITS, never negative. The use counts how often the slot was given
 * out, and slots are reused oldest first, so that a stale handle finds nothing.
 */
#define LEG_INDEX_BITS 20
#define LEG_INDEX_MASK ((1u << LEG_INDEX_BITS) - 1)
#define LEG_CHUNK 1024
#define LEG_CHUNKS ((LEG_INDEX_MASK + 1) / LEG_CHUNK)

struct legs {
	struct leg *chunks[LEG_CHUNKS]; /* legs never move */
	uint32_t size; /* slots that exist */
	uint32_t used; /* slots that are given out */
	struct ledger ledger;
	uint32_t oldest_free, newest_free;
};

/* A leg for `fd`, in `state`; NULL when there is no memory or no index left (then `fd` is still the caller's). */
struct leg *legs_take(struct legs *legs, int fd, enum leg_state state);

/* The leg of a handle, or NULL if it is stale or was never given out. */
struct leg *legs_find(const struct legs *legs, uint32_t handle);

/* The leg of an index below `size`, free or not. */
struct leg *legs_at(const struct legs *legs, uint32_t index);

/* Gives the slot back. The descriptor must be closed already. */
void legs_give_back(struct legs *legs, struct leg *leg);

void legs_destroy(struct legs *legs);

/*
 * Sends, and keeps the bytes that the socket does not take now. 0 or -errno: -ENOBUFS beyond REST_LIMIT, -ENOMEM, or
 * an error of send(2) for a broken connection. `epoll` is the set that holds the socket.
 */
int leg_send(int epoll, struct leg *leg, const uint8_t *bytes, size_t size);

/* Sends the bytes that the socket takes now, and keeps none: their number, or -errno. Call it only without a rest. */
ssize_t leg_offer(int epoll, struct leg *leg, const uint8_t *bytes, size_t size);

/* Sends as much of the rest as the socket takes. 0 (look at leg->rest) or -errno. */
int leg_flush(struct leg *leg);

/* Bytes that wait. */
size_t leg_waiting(const struct leg *leg);

/*
 * Takes `size` bytes out of a pipe as the rest of a leg without one. 0; -ENOMEM, and nothing was taken; or another
 * -errno, and some may be lost.
 */
int leg_take_rest(struct leg *leg, int fd, size_t size);

/* Closes the descriptor and drops the rest; by RST if `reset`. */
void leg_close_fd(struct leg *leg);
void leg_reset_fd(struct leg *leg);

#endif
