/* The table of legs. See leg.h. */
#include <stdlib.h>
#include <string.h>

#include "leg.h"

#define NO_INDEX UINT32_MAX
#define USE_MASK (INT32_MAX >> LEG_INDEX_BITS)

struct leg *legs_at(const struct legs *legs, uint32_t index)
{
	return &legs->chunks[index / LEG_CHUNK][index % LEG_CHUNK];
}

static void append_free(struct legs *legs, struct leg *leg)
{
	uint32_t index = leg->handle & LEG_INDEX_MASK;

	leg->state = LEG_FREE;
	leg->fd = -1;
	leg->next_free = NO_INDEX;
	if (legs->used == legs->size)
		legs->oldest_free = index;
	else
		legs_at(legs, legs->newest_free)->next_free = index;
	legs->newest_free = index;
}

/* One more chunk of free slots; false when memory or indices are used up. */
static bool grow(struct legs *legs)
{
	uint32_t first = legs->size;

	if (first > LEG_INDEX_MASK)
		return false;
	struct leg *chunk = calloc(LEG_CHUNK, sizeof *chunk);
	if (chunk == NULL)
		return false;
	legs->chunks[first / LEG_CHUNK] = chunk;
	for (uint32_t at = 0; at < LEG_CHUNK; at++) {
		chunk[at].handle = first + at;
		append_free(legs, &chunk[at]);
		legs->size++;
	}
	return true;
}

struct leg *legs_take(struct legs *legs, int fd, enum leg_state state)
{
	if (legs->used == legs->size && !grow(legs))
		return NULL;
	struct leg *leg = legs_at(legs, legs->oldest_free);
	uint32_t index = legs->oldest_free;
	uint32_t use = (leg->handle >> LEG_INDEX_BITS) + 1;

	legs->oldest_free = leg->next_free;
	legs->used++;
	memset(leg, 0, sizeof *leg);
	leg->handle = index | (use & USE_MASK) << LEG_INDEX_BITS;
	leg->fd = fd;
	leg->ledger = &legs->ledger;
	leg->state = (uint8_t)state;
	return leg;
}

struct leg *legs_find(const struct legs *legs, uint32_t handle)
{
	uint32_t index = handle & LEG_INDEX_MASK;

	if (index >= legs->size)
		return NULL;
	struct leg *leg = legs_at(legs, index);
	return leg->handle == handle && leg->state != LEG_FREE ? leg : NULL;
}

void legs_give_back(struct legs *legs, struct leg *leg)
{
	timer_clear(&leg->timer);
	append_free(legs, leg);
	legs->used--;
}

void legs_destroy(struct legs *legs)
{
	for (uint32_t at = 0; at < legs->size; at += LEG_CHUNK)
		free(legs->chunks[at / LEG_CHUNK]);
	memset(legs, 0, sizeof *legs);
}
