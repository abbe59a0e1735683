/* See checks.h. */
#include "checks.h"

#include <stdio.h>

/* More failures than so many are no accidents. */
#define MOST_ACCIDENTS 3

static int passed, failed; /* tests */
static int broken_checks; /* of the test that runs */
static int accidents;

void check(bool condition, const char *text, const char *file, int line)
{
	if (condition)
		return;
	broken_checks++;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, text);
}

bool test_again(const char *name)
{
	if (broken_checks == 0 || accidents == MOST_ACCIDENTS)
		return false;
	accidents++;
	broken_checks = 0;
	fprintf(stderr, "%s # AGAIN\n", name);
	return true;
}

void test_done(const char *name)
{
	if (broken_checks == 0) {
		passed++;
	} else {
		failed++;
		fprintf(stderr, "failed: %s\n", name);
	}
	broken_checks = 0;
}

int check_summary(void)
{
	printf("%d passed, %d failed\n", passed, failed);
	return failed == 0 ? 0 : 1;
}
