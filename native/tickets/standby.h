/*
 * The process that takes the place of the one that serves when that is killed. A confined daemon starts no program and may read no
 * keytab any more, so a copy with the keys in memory waits behind each process that serves, and parses nothing meanwhile.
 */
#ifndef TICKETS_STANDBY_H
#define TICKETS_STANDBY_H

/* `argument`: the first of main(), which ps(1) shows. The names of both processes differ there, too. */
void standby_call(char *argument);

/*
 * Has one that lives, where that is possible. Returns in the process that is to serve, as fork(2) does: 0 in the caller; 1 in its standby
 * once the caller has ended, and then a standby waits behind that one, too. To be called with SIGCHLD blocked.
 */
int standby_keep(void);

/* In a process that has taken a place: how long it shall wait, in seconds. It grows where one after the other is killed. */
unsigned standby_pause(void);

#endif
