/* Drives the native code without Node, to be built with a sanitizer: see native.mk. */
#include <signal.h>
#include <unistd.h>

#include "rig/checks.h"

#define MOST_SECONDS 480

int main(void)
{
	signal(SIGPIPE, SIG_DFL);
	alarm(MOST_SECONDS);
	/* First: they fork, and have to before there are threads. */
	test_filter();
	test_confine();
	test_tickets();
	test_wheel();
	test_rate();
	test_legs();
	test_small();
	test_delivery();
	test_engine();
	test_relay();
	test_limits();
	test_bulk();
	test_splice();
	test_udp();
	test_stall();
	test_stress();
	return check_summary();
}
