/* One socket of the floor program, and what its parts do with it. */
#ifndef FLOOR_H
#define FLOOR_H

#include <stddef.h>
#include <stdint.h>

#define COPY_BUFFER 524288

enum state { GREETING, REQUEST, WAITING, CONNECTING, RELAYING, CLOSED };

/*
 * One socket. What was read from it and did not fit into its peer is its rest, or waits in its pipe; until that is gone
 * it is not read.
 */
struct side {
	int fd;
	enum state state;
	int ended; /* FIN was read and passed on */
	int hung_up; /* FIN or RST was reported: a short read is the last */
	char *rest;
	size_t rest_at, rest_size;
	int pipe[2]; /* its bulk goes through it; zeros before there is any */
	size_t in_pipe;
	struct side *peer;
	struct side *next_again; /* used up its turn: reads on before the next wait */
	int again; /* is in that list */
	struct side *next_buried;
};

/* Shared by all sessions: one thread uses it between two waits. */
extern char buffer[COPY_BUFFER];

/* main.c */
struct side *watch(int fd, enum state state);
void drop(struct side *side);

/* handshake.c */
void take_greeting(struct side *client);
void take_request(struct side *client);
void answer(struct side *target);

/* relay.c */
void relay(struct side *from);
void flush(struct side *from);
void run_again(void);
extern struct side *again_list;
/* Bulk is read and written, COPY_BUFFER at a time, and not spliced. */
extern int copies;

#endif
