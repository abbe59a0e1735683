/* See wheel.h. */
#include "wheel.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Moves the wheel's hand up to one turn behind `tick`: more would visit the same slots again. */
static void catch_up(struct wheel *wheel, uint64_t tick)
{
	if (tick >= WHEEL_SLOTS && wheel->tick < tick - WHEEL_SLOTS + 1)
		wheel->tick = tick - WHEEL_SLOTS + 1;
}

static bool is_unused(const struct wheel *wheel)
{
	uint64_t used = 0;

	for (int at = 0; at < WHEEL_SLOTS / 64; at++)
		used |= wheel->used[at];
	return used == 0;
}

void wheel_set(struct wheel *wheel, struct timer *timer, uint64_t now_ms, uint64_t due_ms)
{
	uint64_t tick = due_ms / WHEEL_TICK_MS + 1;

	timer_clear(timer);
	if (is_unused(wheel))
		wheel->tick = now_ms / WHEEL_TICK_MS;
	catch_up(wheel, now_ms / WHEEL_TICK_MS);
	if (tick < wheel->tick)
		tick = wheel->tick;
	if (tick > wheel->tick + WHEEL_SLOTS - 1)
		tick = wheel->tick + WHEEL_SLOTS - 1;

	uint64_t at = tick % WHEEL_SLOTS;
	timer->next = wheel->slots[at];
	timer->link = &wheel->slots[at];
	if (timer->next != NULL)
		timer->next->link = &timer->next;
	wheel->slots[at] = timer;
	wheel->used[at / 64] |= UINT64_C(1) << (at % 64);
}

void timer_clear(struct timer *timer)
{
	if (timer->link == NULL)
		return;
	*timer->link = timer->next;
	if (timer->next != NULL)
		timer->next->link = timer->link;
	timer->link = NULL;
}

struct timer *wheel_pop(struct wheel *wheel, uint64_t now_ms)
{
	uint64_t now = now_ms / WHEEL_TICK_MS;

	for (catch_up(wheel, now); wheel->tick <= now; wheel->tick++) {
		uint64_t at = wheel->tick % WHEEL_SLOTS;
		struct timer *timer = wheel->slots[at];
		if (timer != NULL) {
			timer_clear(timer);
			return timer;
		}
		wheel->used[at / 64] &= ~(UINT64_C(1) << (at % 64));
	}
	return NULL;
}

int wheel_wait_ms(const struct wheel *wheel, uint64_t now_ms)
{
	for (uint64_t tick = wheel->tick; tick < wheel->tick + WHEEL_SLOTS; tick++) {
		uint64_t at = tick % WHEEL_SLOTS;
		if (at % 64 == 0 && wheel->used[at / 64] == 0) {
			tick += 63;
			continue;
		}
		if (wheel->used[at / 64] & UINT64_C(1) << (at % 64))
			return tick * WHEEL_TICK_MS <= now_ms ? 0 : (int)(tick * WHEEL_TICK_MS - now_ms);
	}
	return -1;
}
