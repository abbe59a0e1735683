/*
 * What this process gives up for good, in every thread: docs/decisions/014-confinement.md. `tasks` is an open
 * /proc/self/task. All functions return -errno on failure, and -ECANCELED as threads_each() does.
 */
#ifndef PICOSOCKS5_CONFINE_H
#define PICOSOCKS5_CONFINE_H

/* No program that is started gets a capability any more (capabilities(7)). Needs CAP_SETPCAP. */
int confine_bounding_set(int tasks);

/* No program that is started gets more rights than this one has: PR_SET_NO_NEW_PRIVS, prctl(2). */
int confine_no_new_privs(int tasks);

/* What a rule of Landlock allows below a folder, or for a file. */
enum confine_kind {
	CONFINE_READ = 1, /* files and folders */
	CONFINE_REPLACE = 2, /* files: reading, writing, making, renaming within their folder, removing */
	CONFINE_NAME = 3, /* making sockets, removing files and sockets */
	CONFINE_DEVICE = 4, /* reading and writing what is there */
};

/* A new set of rules (landlock(7)): a descriptor. Whatever no rule allows is forbidden by it, files only. */
int confine_ruleset(void);

/* Adds a rule about the open file or folder `where`, O_PATH will do. */
int confine_allow(int ruleset, int where, enum confine_kind kind);

/* From now on the rules hold. Needs confine_no_new_privs(). */
int confine_files(int ruleset, int tasks);

#endif
