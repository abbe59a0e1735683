/* See standby.h. */
#include "standby.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"

/* Names that differ: killall(1) and pkill(1) end one of them only. They are of one length, as one is written over the other. */
#define SERVING_NAME "pis5tickets"
#define STANDBY_NAME "pis5standby"
#define NAME_LENGTH (sizeof SERVING_NAME - 1)
_Static_assert(sizeof SERVING_NAME == sizeof STANDBY_NAME, "names of one length");

/* One that has served this long was killed by something else than the ones before. */
#define STEADY_SECONDS 60
#define LONGEST_PAUSE_SECONDS 60u

/* The state of the serving process; its standby inherits a copy. */
static pid_t standby = -1;
static time_t serving_since;
static unsigned killed_in_turn;

/* The name of the program within its first argument; NULL: it is not in there. */
static char *shown_name;

void standby_call(char *argument)
{
	size_t length = strlen(argument);

	shown_name = length < NAME_LENGTH ? NULL : argument + length - NAME_LENGTH;
}

static void take_name(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
	if (shown_name != NULL)
		memcpy(shown_name, name, NAME_LENGTH);
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* SIGCHLD tells of it; it is blocked, so that none is missed. */
static void wait_for_end_of(pid_t serving)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGCHLD);
	take_name(STANDBY_NAME);
	prctl(PR_SET_PDEATHSIG, SIGCHLD, 0, 0, 0);
	while (getppid() == serving)
		sigwaitinfo(&ends, NULL);
	prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	take_name(SERVING_NAME);
}

static void take_place(void)
{
	killed_in_turn = now() - serving_since >= STEADY_SECONDS ? 1 : killed_in_turn + 1;
	serving_since = now();
}

int standby_keep(void)
{
	int has_taken_place = 0;

	if (serving_since == 0)
		serving_since = now();
	while (standby < 0 || waitpid(standby, NULL, WNOHANG) == standby) {
		const pid_t serving = getpid();
		/* If fork() fails, the next call tries again. */
		if ((standby = fork()) != 0)
			break;
		wait_for_end_of(serving);
		/* It has ended because the daemon has. */
		if (!channel_rest(0))
			_exit(0);
		take_place();
		standby = -1;
		has_taken_place = 1;
	}
	return has_taken_place;
}

unsigned standby_pause(void)
{
	if (killed_in_turn < 2)
		return 0;
	const unsigned doublings = killed_in_turn - 2;
	return doublings < 6 ? 1u << doublings : LONGEST_PAUSE_SECONDS;
}
