/* See splicing.h. */
#include "splicing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#define SOCKETS 1024

static _Atomic int failure[SPLICE_ENDS], failure_times[SPLICE_ENDS];
static _Atomic int pipe_failure, largest_allowed, largest_made;
static _Atomic size_t spliced[SOCKETS];

void splicing_fails(enum splice_end end, int error, int times)
{
	failure[end] = error;
	failure_times[end] = times;
}

void pipes_fail(int error)
{
	pipe_failure = error;
}

void pipes_limit(int size)
{
	largest_allowed = size;
	largest_made = 0;
}

int pipes_largest(void)
{
	return largest_made;
}

size_t spliced_from(int socket)
{
	return socket < SOCKETS ? spliced[socket] : 0;
}

void splicing_forget(void)
{
	for (int at = 0; at < SOCKETS; at++)
		spliced[at] = 0;
}

static bool is_pipe(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

ssize_t __real_splice(int from, off_t *from_at, int to, off_t *to_at, size_t size, unsigned flags);
ssize_t __wrap_splice(int from, off_t *from_at, int to, off_t *to_at, size_t size, unsigned flags);

ssize_t __wrap_splice(int from, off_t *from_at, int to, off_t *to_at, size_t size, unsigned flags)
{
	enum splice_end end = is_pipe(from) ? OUT_OF_PIPE : INTO_PIPE;

	if (failure_times[end] > 0) {
		failure_times[end]--;
		errno = failure[end];
		return -1;
	}
	ssize_t moved = __real_splice(from, from_at, to, to_at, size, flags);
	if (end == INTO_PIPE && moved > 0 && from < SOCKETS)
		spliced[from] += (size_t)moved;
	return moved;
}

int __real_pipe2(int ends[2], int flags);
int __wrap_pipe2(int ends[2], int flags);

int __wrap_pipe2(int ends[2], int flags)
{
	if (pipe_failure == 0)
		return __real_pipe2(ends, flags);
	errno = pipe_failure;
	return -1;
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);

/* Every command in use takes a number, or none. */
int __wrap_fcntl(int fd, int command, ...)
{
	va_list list;

	va_start(list, command);
	int value = va_arg(list, int);
	va_end(list);
	if (command != F_SETPIPE_SZ)
		return __real_fcntl(fd, command, value);
	if (largest_allowed > 0 && value > largest_allowed) {
		errno = EPERM;
		return -1;
	}
	int size = __real_fcntl(fd, command, value);
	if (size > largest_made)
		largest_made = size;
	return size;
}
