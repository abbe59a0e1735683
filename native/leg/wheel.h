/*
 * Coarse timers: one wheel per loop, no system call and no allocation per timer. A timer never fires early and at
 * most WHEEL_TICK_MS late, with one exception: beyond the wheel's reach it fires early, and its owner looks at the
 * true time and sets it again.
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

/* May be called for a timer that is not set. */
void timer_clear(struct timer *timer);

/* Removes and returns one due timer, or NULL. */
struct timer *wheel_pop(struct wheel *wheel, uint64_t now_ms);

/* Milliseconds until wheel_pop() may return one, -1 for never. */
int wheel_wait_ms(const struct wheel *wheel, uint64_t now_ms);

#endif
