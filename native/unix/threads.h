/*
 * Calls in every thread of this process: prctl(2) and landlock_restrict_self(2) change the calling thread only, and
 * Node.js has started a dozen before our first line runs. All functions return -errno on failure.
 */
#ifndef PICOSOCKS5_THREADS_H
#define PICOSOCKS5_THREADS_H

#include <stddef.h>

/*
 * Marks functions called so. The threads of ThreadSanitizer are interrupted, too, and cannot run code that it
 * instruments.
 */
#define IN_EVERY_THREAD __attribute__((no_sanitize_thread))

/*
 * Calls `act` in every thread, the calling one first, one after the other, including threads born meanwhile. `act`
 * runs in a signal handler, makes system calls with syscall(2) only, and returns 0 or -errno. `tasks` is an open
 * /proc/self/task. A failure in the calling thread is returned as it is, and no other thread was asked; -ECANCELED:
 * some threads have done it and others have not, so the process should end.
 */
int threads_each(int tasks, int (*act)(const void *data), const void *data);

/*
 * Writes the status files (proc(5)) of all threads, one after the other, into `text` and returns their size. -ENOSPC
 * if they do not fit.
 */
int threads_status(int tasks, char *text, size_t size);

#endif
