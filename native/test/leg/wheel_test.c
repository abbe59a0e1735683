/* Timers: never early for those within reach, never later than a tick. */
#include <stdlib.h>

#include "../../leg/wheel.h"
#include "../rig/checks.h"

static void fires_in_time(void)
{
	struct wheel wheel = { 0 };
	struct timer timers[200] = { 0 };
	uint64_t due[200], now = 1000000;
	int fired = 0;

	srand(1);
	for (int at = 0; at < 200; at++) {
		due[at] = now + (uint64_t)(rand() % 30000);
		wheel_set(&wheel, &timers[at], now, due[at]);
	}
	for (; fired < 200 && now < 1040000; now += 7) {
		struct timer *timer;
		while ((timer = wheel_pop(&wheel, now)) != NULL) {
			uint64_t when = due[timer - timers];
			CHECK(now >= when && now <= when + 2 * WHEEL_TICK_MS + 7);
			fired++;
		}
	}
	CHECK(fired == 200);
	CHECK(wheel_wait_ms(&wheel, now) == -1);
}

static void far_timers_come_early_and_can_be_set_again(void)
{
	struct wheel wheel = { 0 };
	struct timer timer = { 0 };
	uint64_t now = 5000, due = now + 900000;
	int visits = 0;

	wheel_set(&wheel, &timer, now, due);
	while (now < due) {
		int wait = wheel_wait_ms(&wheel, now);
		CHECK(wait >= 0);
		now += wait > 0 ? (uint64_t)wait : 1;
		if (wheel_pop(&wheel, now) == &timer) {
			visits++;
			wheel_set(&wheel, &timer, now, due);
		}
	}
	CHECK(visits < 40);
	timer_clear(&timer);
	timer_clear(&timer);
	CHECK(wheel_pop(&wheel, now + 1000000) == NULL);
}

static void a_late_look_finds_everything(void)
{
	struct wheel wheel = { 0 };
	struct timer timers[3] = { 0 };
	int found = 0;

	for (uint64_t at = 0; at < 3; at++)
		wheel_set(&wheel, &timers[at], 1000, 1000 + at * 10000);
	while (wheel_pop(&wheel, 100000000) != NULL)
		found++;
	CHECK(found == 3);
}

void test_wheel(void)
{
	RUN(fires_in_time());
	RUN(far_timers_come_early_and_can_be_set_again());
	RUN(a_late_look_finds_everything());
}
