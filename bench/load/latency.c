/* Exact percentiles over every message of a run. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>

static double percentile_us(double share);
static int by_value(const void *left, const void *right);

static uint32_t *latencies_ns;
static uint32_t count, room;

/* Makes room for `most` messages. */
void expect_latencies(uint32_t most)
{
	latencies_ns = calloc(most, sizeof *latencies_ns);
	if (latencies_ns == NULL)
		die("cannot set up");
	room = most;
}

void record_latency(uint64_t nanoseconds)
{
	if (count < room)
		latencies_ns[count++] = nanoseconds > UINT32_MAX ? UINT32_MAX : (uint32_t)nanoseconds;
}

/* `"p50Us":N,"p99Us":N`, without braces. */
void print_latencies(void)
{
	qsort(latencies_ns, count, sizeof *latencies_ns, by_value);
	printf("\"p50Us\":%.3f,\"p99Us\":%.3f", percentile_us(0.5), percentile_us(0.99));
}

static double percentile_us(double share)
{
	uint32_t at = (uint32_t)(share * count);

	return count == 0 ? 0 : latencies_ns[at < count ? at : count - 1] / 1e3;
}

static int by_value(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}
