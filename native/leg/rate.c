/* See rate.h. Credit is counted in thousandths of a byte: what a millisecond gives at one byte a second. */
#include "rate.h"

#include "wheel.h"

#define PER_BYTE 1000

/* The most credit saved: two ticks of the wheel, so that a late tick costs nothing, and no less than LEAST_BURST. */
#define BURST_MS (2 * WHEEL_TICK_MS)
#define LEAST_BURST 2048

/* A slow direction collects this much, about a segment, or waits this long, so that thousands of them cost little. */
#define PIECE 1400
#define LONGEST_WAIT_MS 250

static int64_t at_most(int64_t value, int64_t limit)
{
	return value < limit ? value : limit;
}

/* Credit of a full bucket. */
static int64_t burst(const struct rate *rate)
{
	int64_t full = (int64_t)rate->bytes_per_second * BURST_MS;

	return full < LEAST_BURST * PER_BYTE ? LEAST_BURST * PER_BYTE : full;
}

static void refill(struct rate *rate, uint64_t now_ms)
{
	int32_t elapsed_ms = (int32_t)((uint32_t)now_ms - rate->refilled_ms);

	/* Below zero: the clock of the previous loop was a moment ahead. */
	if (elapsed_ms > 0)
		rate->credit += (int64_t)rate->bytes_per_second * elapsed_ms;
	rate->credit = at_most(rate->credit, burst(rate));
	rate->refilled_ms = (uint32_t)now_ms;
}

void rate_set(struct rate *rate, uint32_t bytes_per_second, uint64_t now_ms)
{
	if (rate->bytes_per_second > 0)
		refill(rate, now_ms);
	else
		rate->credit = INT64_MAX;
	rate->bytes_per_second = bytes_per_second;
	rate->refilled_ms = (uint32_t)now_ms;
	rate->credit = at_most(rate->credit, burst(rate));
}

size_t rate_allowance(struct rate *rate, uint64_t now_ms)
{
	if (rate->bytes_per_second == 0)
		return SIZE_MAX;
	refill(rate, now_ms);
	return rate->credit > 0 ? (size_t)(rate->credit / PER_BYTE) : 0;
}

void rate_spend(struct rate *rate, size_t bytes)
{
	if (rate->bytes_per_second > 0)
		rate->credit -= (int64_t)bytes * PER_BYTE;
}

uint64_t rate_wait_ms(struct rate *rate, uint64_t now_ms)
{
	int64_t bytes_per_second = rate->bytes_per_second;

	if (bytes_per_second == 0)
		return 0;
	refill(rate, now_ms);
	int64_t enough = at_most(PIECE * PER_BYTE, bytes_per_second * LONGEST_WAIT_MS);
	/* At least a byte: with less there is no reason to wake up. */
	enough = enough < PER_BYTE ? PER_BYTE : enough;
	int64_t wait_ms = (enough - rate->credit + bytes_per_second - 1) / bytes_per_second - WHEEL_TICK_MS;
	return wait_ms > 0 ? (uint64_t)wait_ms : 0;
}
