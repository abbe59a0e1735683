/*
 * A listening socket anew at the same address, without a moment at which nobody listens: for a process that got it from another one,
 * of which copies may be left in hands that it does not know. All functions return -errno on failure.
 *
 * Both sockets have SO_REUSEPORT (socket(7)) and the same owner, so the kernel binds and serves both; a program of the group sends all new
 * connections to the second one. Those that shake hands with the first one are still accepted from it.
 */
#ifndef PICOSOCKS5_RENEWAL_H
#define PICOSOCKS5_RENEWAL_H

/*
 * A socket that is bound where the listener `old` is, and does not listen yet. Needs the rights to bind there, and is refused with
 * -EADDRINUSE where `old` belongs to another account that we cannot be taken for.
 */
int renewal_prepare(int old);

/* From now on new connections come to `fresh`, of renewal_prepare(). */
int renewal_start(int fresh);

/*
 * Ends listening for every copy of the socket `old`, in all processes, for good: it is bound to an interface that does not exist
 * (SO_BINDTOIFINDEX), so nothing comes to it any more even where a copy is made to listen once more, and only CAP_NET_RAW could take that
 * back. -EPERM where somebody has bound it to an interface before: then a copy can listen there again.
 */
int renewal_close_off(int old);

#endif
