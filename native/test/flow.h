/* Bulk from one far end of a session to the other, compared byte by byte. */
#ifndef PICOSOCKS5_FLOW_H
#define PICOSOCKS5_FLOW_H

#include <sys/types.h>

#include "harness.h"

#define MIB ((size_t)1024 * 1024)
#define PATIENCE_MS 30000

/* One direction, from far end to far end. */
struct flow {
	int from, to;
	size_t sent, got;
	bool good;
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
 * the speed of its thread, and none of the two directions is alone. Such ones are spliced.
 */
void flow_sip_both(struct rig *rig, struct flow *one, struct flow *other);

/*
 * That again and again, until more than `ends` of pipes are open, or so often that none will be. What went down has
 * arrived then.
 */
void flow_until_spliced(struct rig *rig, struct flow *up, struct flow *down, int ends);

/* Descriptors of this process that are pipes. */
int open_pipe_ends(void);

bool bytes_wait_in_pipes(void);

#endif
