/*
 * The bytes that one direction of a relay may move: a bucket of credit that fills at the rate and is spent by
 * reading. src/net/streams/ratebucket.ts does the same for the streams transport.
 */
#ifndef PICOSOCKS5_RATE_H
#define PICOSOCKS5_RATE_H

#include <stddef.h>
#include <stdint.h>

/* All zero: no limit. */
struct rate {
	int64_t credit; /* thousandths of a byte; below zero after early bytes, which could not wait */
	uint32_t bytes_per_second; /* 0: no limit */
	uint32_t refilled_ms; /* low bits of the loop's clock */
};

/*
 * Changes the rate from now on. Saved or owed credit stays; a direction without a rate so far starts with a full
 * bucket.
 */
void rate_set(struct rate *rate, uint32_t bytes_per_second, uint64_t now_ms);

/* Bytes that may be read now, SIZE_MAX without a limit. */
size_t rate_allowance(struct rate *rate, uint64_t now_ms);

/* Spends credit for `bytes` read. */
void rate_spend(struct rate *rate, size_t bytes);

/* For a timer of the wheel, which fires late: milliseconds until there is credit worth a wake-up. */
uint64_t rate_wait_ms(struct rate *rate, uint64_t now_ms);

#endif
