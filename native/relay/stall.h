/*
 * Stalled relays of a loop: those with bytes that their receiver has not taken yet. Most relays stall for moments;
 * those that stay stalled hold memory of the kernel, so the engine reports how much and since when.
 */
#ifndef PICOSOCKS5_STALL_H
#define PICOSOCKS5_STALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct relay;

/* A receiver that took this many bytes since it stalled counts as one that stalls only now. */
#define STALL_TURNOVER ((size_t)64 * 1024)

/* Shared by all loops of an engine. */
struct crowd {
	_Atomic uint32_t stalled; /* relays that are stalled */
	_Atomic uint32_t tell_at; /* the number worth a report to the watcher; 0: it was reported */
	int wake_fd; /* eventfd, written when that many are */
};

/* In each relay. Only its loop touches it. */
struct stall {
	struct relay *next, *previous; /* list of the loop, stalled longest first */
	uint64_t since_ms;
	uint64_t measured_ms; /* when `kernel_bytes` was */
	size_t kernel_bytes, queued_bytes; /* what the kernel holds for it; what of that waits to be sent */
	size_t taken; /* by the receiver, since `since_ms` */
	bool listed;
};

struct stalls {
	struct relay *first, *last;
	uint32_t count;
	struct crowd *crowd;
};

/* The report on one relay. JavaScript reads it by the layout of addon_layout.c. */
struct stalled {
	uint32_t handle; /* of the client's leg */
	uint32_t held_kib; /* in the socket buffers of both legs, and here */
	uint32_t age_ms; /* time in which the receiver took less than STALL_TURNOVER */
};

/* Puts the relay on the list, or takes it off, depending on whether bytes of it wait. */
void stall_note(struct loop *loop, struct relay *relay);

/* The receiver took `size` of the waiting bytes. */
void stall_note_taken(struct loop *loop, struct relay *relay, size_t bytes);

/* Takes the relay off the list: it is over, or leaves the loop. */
void stall_strike(struct loop *loop, struct relay *relay);

/* Asks the kernel again for the memory of relays that were not measured lately. */
void stall_measure(struct loop *loop);

/*
 * Copies at most `room` stalled relays, the longest stalled first, and returns their number. Call stall_measure()
 * first.
 */
size_t stall_list(const struct loop *loop, struct stalled *list, size_t room);

#endif
