/* The bucket of credit, on a clock that the test turns. */
#include "../../leg/rate.h"
#include "../../leg/wheel.h"
#include "../rig/checks.h"

static struct rate rate_of(uint32_t bytes_per_second)
{
	struct rate rate = { 0 };

	rate_set(&rate, bytes_per_second, 0);
	return rate;
}

/* Takes all that is allowed. */
static size_t empty(struct rate *rate, uint64_t now_ms)
{
	size_t allowance = rate_allowance(rate, now_ms);

	rate_spend(rate, allowance);
	return allowance;
}

static void no_rate_is_no_limit(void)
{
	struct rate rate = { 0 };

	rate_spend(&rate, 1 << 30);
	CHECK(rate_allowance(&rate, 5) == SIZE_MAX && rate_wait_ms(&rate, 5) == 0);
}

static void gives_exactly_its_rate(uint32_t bytes_per_second, uint64_t step_ms)
{
	struct rate rate = rate_of(bytes_per_second);
	uint64_t total = 0;

	empty(&rate, 0);
	for (uint64_t now_ms = step_ms; now_ms <= 60000; now_ms += step_ms)
		total += empty(&rate, now_ms);
	CHECK(total == UINT64_C(60) * bytes_per_second);
}

static void saves_up_no_more_than_a_burst(void)
{
	struct rate fast = rate_of(1000000), slow = rate_of(100);

	CHECK(empty(&fast, 0) == 128000 && empty(&fast, 90000) == 128000);
	CHECK(empty(&slow, 0) == 2048 && empty(&slow, 90000) == 2048);
}

/* The clock is kept in 32 bits. */
static void goes_on_after_49_days(void)
{
	struct rate rate = { 0 };

	rate_set(&rate, 1000000, UINT32_MAX);
	empty(&rate, UINT32_MAX);
	CHECK(empty(&rate, UINT64_C(10) + UINT32_MAX) == 10000);
}

static void keeps_a_debt(void)
{
	struct rate rate = rate_of(1000);

	rate_spend(&rate, 12048);
	CHECK(rate_allowance(&rate, 10000) == 0 && rate_allowance(&rate, 10100) == 100);
	rate_spend(&rate, 1100);
	rate_set(&rate, 2000, 10100);
	CHECK(rate_allowance(&rate, 10500) == 0 && rate_allowance(&rate, 10700) == 200);
}

static void a_change_gives_nothing_away(void)
{
	struct rate rate = rate_of(1000000);

	empty(&rate, 0);
	for (uint64_t now_ms = 0; now_ms < 50; now_ms++)
		rate_set(&rate, 1000000, now_ms);
	CHECK(rate_allowance(&rate, 50) == 50000);
	rate_set(&rate, 1000, 50);
	CHECK(rate_allowance(&rate, 50) == 2048);
}

static void a_clock_that_is_behind_gives_nothing(void)
{
	struct rate rate = rate_of(1000000);

	rate_set(&rate, 1000000, 1000);
	empty(&rate, 1000);
	CHECK(rate_allowance(&rate, 996) == 0);
}

static void waits_for_what_is_worth_a_wake_up(uint32_t bytes_per_second)
{
	struct rate rate = rate_of(bytes_per_second);

	empty(&rate, 1000);
	uint64_t wait_ms = rate_wait_ms(&rate, 1000);
	CHECK(wait_ms <= (bytes_per_second < 4 ? 1000 : 250));
	CHECK(rate_wait_ms(&rate, 1000 + wait_ms) == 0);
	CHECK(rate_allowance(&rate, 1000 + wait_ms + WHEEL_TICK_MS) > 0);
}

void test_rate(void)
{
	const uint32_t rates[] = { 1, 3, 100, 1500, 8192, 200000, 100000000, UINT32_MAX };

	RUN(no_rate_is_no_limit());
	for (size_t at = 0; at < sizeof rates / sizeof *rates; at++) {
		RUN(gives_exactly_its_rate(rates[at], 1));
		RUN(gives_exactly_its_rate(rates[at], 60));
		RUN(waits_for_what_is_worth_a_wake_up(rates[at]));
	}
	RUN(saves_up_no_more_than_a_burst());
	RUN(goes_on_after_49_days());
	RUN(keeps_a_debt());
	RUN(a_change_gives_nothing_away());
	RUN(a_clock_that_is_behind_gives_nothing());
}
