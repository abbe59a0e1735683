/*
 * A second listening socket at the address of one that another process has passed to us, without a moment without a
 * listener: copies of the first may be left in unknown processes. All functions return -errno on failure.
 *
 * Both sockets have SO_REUSEPORT (socket(7)) and the same owner, so the kernel binds and serves both; a program of
 * the group sends all new connections to the second one. Handshakes begun at the first one are still accepted from
 * it.
 */
#ifndef PICOSOCKS5_RENEWAL_H
#define PICOSOCKS5_RENEWAL_H

/*
 * A socket bound to the address of the listener `old`, which does not listen yet. Needs the right to bind to it;
 * -EADDRINUSE if `old` belongs to another account whose identity we cannot take.
 */
int renewal_prepare(int old);

/* Directs new connections to `fresh`, a socket of renewal_prepare(). */
int renewal_start(int fresh);

/*
 * Ends listening for every copy of the socket `old`, in all processes, for good: it is bound to an interface that
 * does not exist (SO_BINDTOIFINDEX), so it gets no connection even if a copy listens once more, and only CAP_NET_RAW
 * could undo that. -EPERM if it was bound to an interface before: then a copy can listen there again.
 */
int renewal_close_off(int old);

#endif
