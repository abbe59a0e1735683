/* Time, failure, limits, and the fields that the result line of every mode has. */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

double seconds_since(uint64_t started_ns)
{
	return (double)(now_ns() - started_ns) / 1e9;
}

/* Ends the program with one JSON line; errno, when set, is named in it. */
_Noreturn void die(const char *what)
{
	if (errno != 0)
		printf("{\"error\":\"%s: %s\"}\n", what, strerror(errno));
	else
		printf("{\"error\":\"%s\"}\n", what);
	fflush(stdout);
	exit(1);
}

/* Tries for `wanted` descriptors above the hard limit too, which needs CAP_SYS_RESOURCE. */
void raise_descriptor_limit(uint32_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("cannot read the descriptor limit");
	if (limit.rlim_max < wanted) {
		struct rlimit more = { .rlim_cur = wanted, .rlim_max = wanted };

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			return;
	}
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("cannot raise the descriptor limit");
	errno = 0;
	if (limit.rlim_max < wanted)
		die("the hard descriptor limit is too low for this many sessions");
}

/* `"failed":N,"why":...,"seconds":S,"ownCpuSeconds":S`, without braces. */
void print_outcome(const struct load *load)
{
	struct rusage own;

	getrusage(RUSAGE_SELF, &own);
	printf("\"failed\":%u,\"why\":\"%s\",\"seconds\":%.6f,\"ownCpuSeconds\":%.6f", load->failed,
		load->first_failure ? load->first_failure : "", seconds_since(load->started_ns),
		(double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
			(double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6);
}
