/* See confined.h. */
#include "confined.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int tasks;

static atomic_bool begun, over;

int in_child(int (*what)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		tasks = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		_exit(what());
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

static atomic_int failures;

void holds(bool condition, const char *text, const char *file, int line)
{
	if (condition)
		return;
	fprintf(stderr, "%s:%d: %s (errno %d)\n", file, line, text, errno);
	atomic_fetch_add(&failures, 1);
}

static void *wait_then(void *act)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	atomic_store(&begun, true);
	while (!atomic_load(&over))
		usleep(1000);
	((void (*)(void))act)();
	return NULL;
}

/* Makes threads without end, so that some are born while others are asked. */
static void *breed(void *act)
{
	pthread_t child;

	if (!atomic_load(&over) && pthread_create(&child, NULL, breed, act) == 0) {
		pthread_join(child, NULL);
	}
	((void (*)(void))act)();
	return NULL;
}

int everywhere(int (*confine)(void), void (*act)(void))
{
	pthread_t old[OLD_THREADS], breeder, late;
	const struct timespec moment = { .tv_nsec = 2000000 };

	for (int at = 0; at < OLD_THREADS; at++)
		pthread_create(&old[at], NULL, wait_then, (void *)act);
	while (!atomic_load(&begun))
		usleep(1000);
	pthread_create(&breeder, NULL, breed, (void *)act);
	nanosleep(&moment, NULL);
	HOLDS(confine() == 0);
	atomic_store(&over, true);
	act();
	HOLDS(pthread_create(&late, NULL, wait_then, (void *)act) == 0);
	pthread_join(late, NULL);
	pthread_join(breeder, NULL);
	for (int at = 0; at < OLD_THREADS; at++)
		pthread_join(old[at], NULL);
	return atomic_load(&failures);
}
