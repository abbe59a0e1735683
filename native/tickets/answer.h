/*
 * Writing an answer: numbers are in network order, and each function returns the position behind its bytes. The caller has
 * the room.
 */
#ifndef TICKETS_ANSWER_H
#define TICKETS_ANSWER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The longest text for a person. */
#define MAX_TEXT 300u

static inline uint8_t *answer_byte(uint8_t *at, int value)
{
	*at = (uint8_t)value;
	return at + 1;
}

static inline uint8_t *answer_number(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned left = bytes; left > 0; left--)
		*at++ = (uint8_t)(value >> (8 * (left - 1)));
	return at;
}

static inline uint8_t *answer_bytes(uint8_t *at, const void *bytes, size_t length)
{
	if (length > 0)
		memcpy(at, bytes, length);
	return at + length;
}

/* A whole answer; gives its length. */
static inline size_t answer_text(uint8_t *answer, int status, const void *text, size_t length)
{
	size_t most = length > MAX_TEXT ? MAX_TEXT : length;

	return (size_t)(answer_bytes(answer_byte(answer, status), text, most) - answer);
}

#endif
