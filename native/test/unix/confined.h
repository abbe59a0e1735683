/* A child that confines itself, with threads from before, from meanwhile and from later, which all must be confined. */
#ifndef PICOSOCKS5_CONFINED_H
#define PICOSOCKS5_CONFINED_H

#include <stdbool.h>

/* Threads that were there before. */
#define OLD_THREADS 8

/* The threads of the child (proc(5)): a folder that was opened before it confined itself. */
extern int tasks;

/* Runs `what` in a child: its exit status, or 1000 and more for a signal. */
int in_child(int (*what)(void));

/* Says on standard error what does not hold: a child has no other way to tell. */
#define HOLDS(condition) holds(condition, #condition, __FILE__, __LINE__)
void holds(bool condition, const char *text, const char *file, int line);

/* Confines, then lets every kind of thread do `act`: how many things did not hold. */
int everywhere(int (*confine)(void), void (*act)(void));

#endif
