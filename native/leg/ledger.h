/*
 * How many bytes wait for slow receivers, in memory and in pipes, over all threads of an engine. Each loop reads it
 * before it takes in more, and counts only what was left over when a receiver was full.
 */
#ifndef PICOSOCKS5_LEDGER_H
#define PICOSOCKS5_LEDGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct ledger {
	_Atomic size_t held;
	size_t most; /* beyond it no more is read than the receiver takes */
};

/* Replaces a number of bytes that was counted by another one. */
static inline void ledger_change(struct ledger *ledger, size_t before, size_t after)
{
	if (after != before)
		atomic_fetch_add_explicit(&ledger->held, after - before, memory_order_relaxed);
}

static inline bool ledger_is_full(struct ledger *ledger)
{
	return atomic_load_explicit(&ledger->held, memory_order_relaxed) >= ledger->most;
}

#endif
