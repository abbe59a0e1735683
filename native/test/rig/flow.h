/* Bulk from one far end of a session to the other, compared byte by byte. */
#ifndef PICOSOCKS5_FLOW_H
#define PICOSOCKS5_FLOW_H

#include <sys/types.h>

#include "rig.h"

#define MIB ((size_t)1024 * 1024)
#define PATIENCE_MS 30000

/* One direction, from far end to far end. */
struct flow {
	int from, to;
	size_t sent, got;
	bool good;
	int socket; /* of the engine, which it comes in by */
};

struct flow flow_up(const struct session *session);
struct flow flow_down(const struct session *session);

/* Sends until the socket is full or `until` bytes were sent in all. */
void flow_pour(struct flow *flow, size_t until);

/* Receives and compares once: what recv(2) says. */
ssize_t flow_sip(struct flow *flow);

/* Receives until nothing is there or the urgent byte is next. */
void flow_drink(struct flow *flow);

/* The receiver sleeps until everything between it and the sender is full. */
void flow_fill_up(struct rig *rig, struct flow *flow);

/* From now on the engine's socket towards the receiver holds little. */
void flow_narrow(const struct flow *flow);

/* Receives all that was sent, and checks it. */
void flow_take_all(struct rig *rig, struct flow *flow);

/*
 * Fills both directions and lets both receivers drink in turns: each read of the relay is a large one then, whatever
 * the speed of its thread. Such ones are spliced.
 */
void flow_sip_both(struct rig *rig, struct flow *one, struct flow *other);

/*
 * That again and again, until the one that goes up is spliced, or so often that it never will be: whether it is. What went
 * down has arrived then.
 */
bool flow_until_spliced(struct rig *rig, struct flow *up, struct flow *down);

/* The same where nothing should be spliced: whether it is not, after some rounds. */
bool flow_is_read(struct rig *rig, struct flow *up, struct flow *down);

/* Bytes of it that went through a pipe. */
size_t flow_spliced(const struct flow *flow);

/* Descriptors of this process that are pipes. */
int open_pipe_ends(void);

bool bytes_wait_in_pipes(void);

#endif
