/* Checks of the native tests that count, and the tests of each file. */
#ifndef PICOSOCKS5_CHECKS_H
#define PICOSOCKS5_CHECKS_H

#include <stdbool.h>

/* Says where a condition does not hold; the test goes on, and has failed. */
#define CHECK(condition) check(condition, #condition, __FILE__, __LINE__)

void check(bool condition, const char *text, const char *file, int line);

/*
 * One test: counts as passed when every CHECK in it held. The machine has other users too: a few that fail run once
 * more, and are told (HACKING.md, "Accidents").
 */
#define RUN(test)                        \
	do {                             \
		test;                    \
		if (test_again(#test))   \
			test;            \
		test_done(#test);        \
	} while (0)

/* Whether it failed, and may have failed by accident: then its failures are forgotten. */
bool test_again(const char *name);
void test_done(const char *name);

/* Prints `N passed, N failed`; the exit status of the program. */
int check_summary(void);

/* The files, each in the room of what it tests. */
void test_confine(void);
void test_tickets(void);
void test_filter(void);
void test_wheel(void);
void test_rate(void);
void test_legs(void);
void test_engine(void);
void test_relay(void);
void test_limits(void);
void test_bulk(void);
void test_splice(void);
void test_stress(void);
void test_small(void);
void test_udp(void);
void test_stall(void);
void test_delivery(void);

#endif
