/* The system calls that a serving daemon never needs, refused by seccomp(2). Made for x86-64 and aarch64. */
#ifndef PICOSOCKS5_SYSCALLFILTER_H
#define PICOSOCKS5_SYSCALLFILTER_H

/*
 * Installs the filter in every thread, for good; needs no_new_privs. -ENOSYS on other processors, -ECANCELED if a
 * thread has a filter of its own, other errors of seccomp(2).
 */
int syscallfilter_install(void);

#endif
