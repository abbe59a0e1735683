/* The rights that the ticket program gives up before it reads a token. */
#ifndef TICKETS_JAIL_H
#define TICKETS_JAIL_H

#include <sys/types.h>

/* Becomes `uid` and `gid` without any other group, for good. 0, or -errno. */
int jail_drop(uid_t uid, gid_t gid);

/* Bounds of memory and descriptors, no core, no new rights, and only the system calls of this program. 0, or -errno. */
int jail_close(void);

/* For the process that reads one token: starts nothing and signals nobody. 0, or -errno. */
int jail_close_reader(void);

#endif
