/* Handles: a stale one finds nothing. */
#include "../../leg/leg.h"
#include "../rig/checks.h"

static void stale_handles_find_nothing(void)
{
	struct legs legs = { 0 };
	struct leg *leg = legs_take(&legs, -1, LEG_OPEN);
	uint32_t old = leg->handle;

	CHECK(legs_find(&legs, old) == leg);
	legs_give_back(&legs, leg);
	CHECK(legs_find(&legs, old) == NULL);
	for (int count = 0; count < 3 * LEG_CHUNK; count++) {
		leg = legs_take(&legs, -1, LEG_OPEN);
		CHECK(leg->handle != old && (int32_t)leg->handle > 0);
		legs_give_back(&legs, leg);
	}
	CHECK(legs_find(&legs, old) == NULL);
	CHECK(legs_find(&legs, UINT32_MAX) == NULL);
	CHECK(legs_find(&legs, LEG_INDEX_MASK) == NULL);
	CHECK(legs.used == 0 && legs.size == LEG_CHUNK);
	legs_destroy(&legs);
}

static void the_table_grows(void)
{
	struct legs legs = { 0 };
	static struct leg *taken[5000];

	for (int at = 0; at < 5000; at++)
		taken[at] = legs_take(&legs, -1, LEG_OPEN);
	for (int at = 0; at < 5000; at++)
		CHECK(legs_find(&legs, taken[at]->handle) == taken[at]);
	for (int at = 0; at < 5000; at++)
		legs_give_back(&legs, taken[at]);
	CHECK(legs.used == 0);
	legs_destroy(&legs);
}

void test_legs(void)
{
	RUN(stale_handles_find_nothing());
	RUN(the_table_grows());
}
