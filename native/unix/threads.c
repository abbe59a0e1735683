/*
 * See threads.h. Each thread is interrupted by the signal that glibc keeps for setuid(2), which has to reach every thread
 * as well: sigprocmask(3) cannot block it, whatever a library of Node.js blocks. Its handler is replaced for the
 * moment, past sigaction(3), which would refuse. In musl it is the signal of pthread_cancel(3), which cannot be blocked either.
 */
#include "threads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define UNBLOCKABLE 33
#define PATIENCE_MS 10000
#define PAUSE_NS 50000

/* The set as the kernel takes it, not libc. */
struct kernel_action {
	void (*handler)(int number);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

/* The thread being asked. A signal handler has no other way to its data. */
static struct {
	int (*act)(const void *data);
	const void *data;
	int status;
	atomic_bool done;
} asked;

IN_EVERY_THREAD static void on_signal(int number)
{
	int saved = errno;

	(void)number;
	if (atomic_load(&asked.done))
		return;
	asked.status = asked.act(asked.data);
	atomic_store(&asked.done, true);
	errno = saved;
}

#ifdef __x86_64__
#define HAS_RESTORER 0x04000000 /* SA_RESTORER */

/* Returns from the handler (sigreturn(2)); elsewhere the kernel brings its own. */
static void __attribute__((naked)) restore(void)
{
	__asm__("mov $15, %eax\n\tsyscall"); /* SYS_rt_sigreturn */
}
#else
#define HAS_RESTORER 0
#define restore NULL
#endif

static int replace_action(const struct kernel_action *action, struct kernel_action *before)
{
	return syscall(SYS_rt_sigaction, UNBLOCKABLE, action, before, sizeof action->mask) < 0 ? -errno : 0;
}

static bool is_gone(pid_t thread)
{
	return syscall(SYS_tgkill, getpid(), thread, 0) < 0 && errno == ESRCH;
}

/* 0 also if the thread has ended. */
static int ask(pid_t thread)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct timespec start, now;

	atomic_store(&asked.done, false);
	if (syscall(SYS_tgkill, getpid(), thread, UNBLOCKABLE) < 0)
		return errno == ESRCH ? 0 : -errno;
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!atomic_load(&asked.done)) {
		if (is_gone(thread))
			return 0;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if ((now.tv_sec - start.tv_sec) * 1000 > PATIENCE_MS)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
	return asked.status;
}

/* The threads that have been asked. */
struct known {
	pid_t *threads;
	size_t count, room;
};

static bool is_known(const struct known *known, pid_t thread)
{
	for (size_t at = 0; at < known->count; at++)
		if (known->threads[at] == thread)
			return true;
	return false;
}

static int remember(struct known *known, pid_t thread)
{
	if (known->count == known->room) {
		size_t room = known->room == 0 ? 64 : 2 * known->room;
		pid_t *threads = realloc(known->threads, room * sizeof *threads);

		if (threads == NULL)
			return -ENOMEM;
		known->threads = threads;
		known->room = room;
	}
	known->threads[known->count++] = thread;
	return 0;
}

static int ask_strangers(DIR *list, struct known *known)
{
	const struct dirent *entry;
	int found = 0;

	rewinddir(list);
	while ((entry = readdir(list)) != NULL) {
		pid_t thread = (pid_t)atoi(entry->d_name);

		if (thread <= 0 || is_known(known, thread))
			continue;
		TRY(ask(thread));
		TRY(remember(known, thread));
		found++;
	}
	return found;
}

/* Once every thread found has been asked, every other one was created by one of them. */
static int ask_others(DIR *list)
{
	struct known known = { 0 };
	int found = remember(&known, (pid_t)syscall(SYS_gettid));

	while (found >= 0 && (found = ask_strangers(list, &known)) > 0)
		;
	free(known.threads);
	return found;
}

/* A second descriptor of the folder, which needs no permission to open it again. */
static DIR *open_list(int tasks)
{
	int copy = fcntl(tasks, F_DUPFD_CLOEXEC, 0);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (list == NULL && copy >= 0)
		close(copy);
	return list;
}

int threads_each(int tasks, int (*act)(const void *data), const void *data)
{
	const struct kernel_action action = { on_signal, SA_RESTART | HAS_RESTORER, restore, 0 };
	struct kernel_action before;
	DIR *list = open_list(tasks);

	if (list == NULL)
		return -errno;
	asked.act = act;
	asked.data = data;
	int status = act(data);
	if (status == 0)
		status = replace_action(&action, &before);
	if (status == 0) {
		status = ask_others(list);
		/* A thread that has not answered yet must not run the handler of libc, which expects another request. */
		if (status != -ETIMEDOUT)
			replace_action(&before, NULL);
		if (status < 0)
			status = -ECANCELED;
	}
	closedir(list);
	return status;
}

/* Reads one status file to its end; 0 if the thread has ended. */
static int read_status(int tasks, const char *thread, char *text, size_t size)
{
	char path[sizeof(((struct dirent *)NULL)->d_name) + sizeof "/status"];
	size_t used = 0;
	ssize_t got = 0;

	snprintf(path, sizeof path, "%s/status", thread);
	int file = openat(tasks, path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT ? 0 : -errno;
	while (used < size && (got = read(file, text + used, size - used)) > 0)
		used += (size_t)got;
	int status = got < 0 && errno != ESRCH ? -errno : (int)used;
	close(file);
	return used == size ? -ENOSPC : status;
}

int threads_status(int tasks, char *text, size_t size)
{
	DIR *list = open_list(tasks);
	const struct dirent *entry;
	size_t used = 0;
	int status = 0;

	if (list == NULL)
		return -errno;
	rewinddir(list);
	while (status >= 0 && (entry = readdir(list)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		status = read_status(tasks, entry->d_name, text + used, size - used);
		used += status > 0 ? (size_t)status : 0;
	}
	closedir(list);
	return status < 0 ? status : (int)used;
}
