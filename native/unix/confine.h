/*
 * What this process gives up for good, in every thread: docs/decisions/014-confinement.md. `tasks` is an open
 * /proc/self/task. All functions return -errno on failure, and -ECANCELED as threads_each() does.
 */
#ifndef PICOSOCKS5_CONFINE_H
#define PICOSOCKS5_CONFINE_H

/* Programs started from now on get no capability (capabilities(7)). Needs CAP_SETPCAP. */
int confine_bounding_set(int tasks);

/* Programs started from now on get no more rights than this process has: PR_SET_NO_NEW_PRIVS, prctl(2). */
int confine_no_new_privs(int tasks);

/* The accesses that a rule of Landlock allows below a folder, or to a file. */
enum confine_kind {
	CONFINE_READ = 1, /* files and folders */
	CONFINE_REPLACE = 2, /* files: reading, writing, making, renaming within their folder, removing */
	CONFINE_NAME = 3, /* making sockets, removing files and sockets */
	CONFINE_DEVICE = 4, /* reading and writing what is there */
};

/* A new ruleset (landlock(7)), as a descriptor. It forbids every access to files that no rule allows. */
int confine_ruleset(void);

/* Adds a rule about the open file or folder `where`; O_PATH is enough. */
int confine_allow(int ruleset, int where, enum confine_kind kind);

/* Enforces the ruleset. Needs confine_no_new_privs(). */
int confine_files(int ruleset, int tasks);

#endif
