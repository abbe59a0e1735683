/*
 * Pipes through which a relay thread splices (splice(2)): pages go from socket to socket, and no byte is copied. Each
 * thread opens a few, when needed or ahead, and keeps them.
 */
#ifndef PICOSOCKS5_PIPES_H
#define PICOSOCKS5_PIPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PIPES_PER_THREAD 16

struct leg;

struct pipe {
	int read_fd, write_fd; /* -1: not open */
	size_t filled; /* bytes in it */
	size_t counted; /* of them in the ledger */
	struct leg *to; /* the leg that they go to; NULL: it is not borrowed */
	uint64_t since_ms; /* when it was borrowed */
	struct pipe *next; /* spare one */
};

/* Only its thread touches it. */
struct pipes {
	struct pipe all[PIPES_PER_THREAD];
	struct pipe *spare; /* open, empty and unused; the latest used first */
	unsigned opened, most; /* how many are open, and may be */
	uint64_t not_before_ms; /* after a failure: no attempt before this moment */
	bool useless; /* this kernel cannot splice our sockets */
};

/* Pipes for each of so many threads, so that together they take a small part of what RLIMIT_NOFILE allows. */
unsigned pipes_share(unsigned threads);

void pipes_init(struct pipes *pipes, unsigned most);

/* Opens as many as it may and the system gives. */
void pipes_open_all(struct pipes *pipes);

/* Closes all, the borrowed ones too. */
void pipes_close(struct pipes *pipes);

/* From now on none is lent; those that are not borrowed are closed. */
void pipes_give_up(struct pipes *pipes);

/* An empty pipe for bytes to that leg; NULL when all are in use or no more can be opened. */
struct pipe *pipes_borrow(struct pipes *pipes, struct leg *to, uint64_t now_ms);

/* Bytes still in it are discarded. */
void pipes_give_back(struct pipes *pipes, struct pipe *pipe);

/* The pipe that was borrowed first, if before that moment; or NULL. */
struct pipe *pipes_find_oldest(struct pipes *pipes, uint64_t before_ms);

/* Whether an error of the two functions below says that splice(2) is of no use here, and nothing about the socket. */
bool pipe_error_is_ours(int error);

/* Bytes that came from a socket into an empty pipe, at most `most`: 0 at the end of the stream, or -errno. */
ssize_t pipe_fill(struct pipe *pipe, int socket, size_t most);

/* Sends as much of it as the socket takes. 0 (look at pipe->filled), or -errno of a broken connection. */
int pipe_flush(struct pipe *pipe, int socket);

#endif
