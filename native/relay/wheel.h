/*
 * Coarse timers: one wheel per loop, no system call and no allocation per timer. A timer never fires before its
 * time and at most WHEEL_TICK_MS late. One that lies beyond the wheel's reach fires early: whoever pops it looks at
 * the true time and sets it again.
 */
#ifndef PICOSOCKS5_WHEEL_H
#define PICOSOCKS5_WHEEL_H

#include <stdint.h>

#define WHEEL_SLOTS 512
#define WHEEL_TICK_MS 64

struct timer {
	struct timer *next;
	struct timer **link; /* what points here; NULL while the timer is not set */
};

struct wheel {
	uint64_t tick; /* slots before this tick are done */
	uint64_t used[WHEEL_SLOTS / 64]; /* one bit per slot: may hold timers */
	struct timer *slots[WHEEL_SLOTS];
};

/* Milliseconds of the coarse monotonic clock (a few milliseconds of resolution, no system call). */
uint64_t clock_ms(void);

/* Sets the timer, anew if it was set. */
void wheel_set(struct wheel *wheel, struct timer *timer, uint64_t now_ms, uint64_t due_ms);

/* Allowed on a timer that is not set. */
void timer_clear(struct timer *timer);

/* Takes out one timer whose slot has come, or returns NULL. */
struct timer *wheel_pop(struct wheel *wheel, uint64_t now_ms);

/* Milliseconds until wheel_pop() may have something, -1 for never. */
int wheel_wait_ms(const struct wheel *wheel, uint64_t now_ms);

#endif
