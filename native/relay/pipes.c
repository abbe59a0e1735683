/* See pipes.h. */
#include "pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Measured: the larger the better, and below 256 KiB there is no gain over reading (docs/performance.md). */
#define LARGEST_PIPE (1024 * 1024)
#define SMALLEST_PIPE (256 * 1024)

/* Descriptors, and the pages of an account (pipe(7), pipe-user-pages-soft), run out for a while, not for ever. */
#define RETRY_MS 10000

/* One of this many descriptors may belong to a pipe. sessionCapacity() in src/daemon/host/capacity.ts counts on it. */
#define DESCRIPTORS_PER_PIPE_END 32

#define HOW (SPLICE_F_MOVE | SPLICE_F_NONBLOCK)

unsigned pipes_share(unsigned threads)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	rlim_t share = limit.rlim_cur / DESCRIPTORS_PER_PIPE_END / 2 / threads;
	return share < PIPES_PER_THREAD ? (unsigned)share : PIPES_PER_THREAD;
}

void pipes_init(struct pipes *pipes, unsigned most)
{
	*pipes = (struct pipes){ .most = most };
	for (int at = 0; at < PIPES_PER_THREAD; at++)
		pipes->all[at].read_fd = pipes->all[at].write_fd = -1;
}

static void close_pipe(struct pipes *pipes, struct pipe *pipe)
{
	close(pipe->read_fd);
	close(pipe->write_fd);
	pipe->read_fd = pipe->write_fd = -1;
	pipe->filled = pipe->counted = 0;
	pipe->to = NULL;
	pipes->opened--;
}

void pipes_close(struct pipes *pipes)
{
	for (int at = 0; at < PIPES_PER_THREAD; at++)
		if (pipes->all[at].read_fd >= 0)
			close_pipe(pipes, &pipes->all[at]);
}

void pipes_give_up(struct pipes *pipes)
{
	pipes->useless = true;
	pipes->spare = NULL;
	for (int at = 0; at < PIPES_PER_THREAD; at++)
		if (pipes->all[at].read_fd >= 0 && pipes->all[at].to == NULL)
			close_pipe(pipes, &pipes->all[at]);
}

/* Whether the pipe became large enough to be worth it. */
static bool enlarge(const struct pipe *pipe)
{
	for (int size = LARGEST_PIPE; size >= SMALLEST_PIPE; size /= 2)
		if (fcntl(pipe->write_fd, F_SETPIPE_SZ, size) >= size)
			return true;
	return false;
}

static struct pipe *find_closed(struct pipes *pipes)
{
	struct pipe *pipe = pipes->all;

	while (pipe->read_fd >= 0)
		pipe++;
	return pipe;
}

/* NULL: the system gives no useful pipe. */
static struct pipe *open_pipe(struct pipes *pipes)
{
	struct pipe *pipe = find_closed(pipes);
	int ends[2];

	if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
		return NULL;
	pipes->opened++;
	pipe->read_fd = ends[0];
	pipe->write_fd = ends[1];
	if (enlarge(pipe))
		return pipe;
	close_pipe(pipes, pipe);
	return NULL;
}

static void put_aside(struct pipes *pipes, struct pipe *pipe)
{
	pipe->to = NULL;
	pipe->next = pipes->spare;
	pipes->spare = pipe;
}

void pipes_open_all(struct pipes *pipes)
{
	struct pipe *pipe;

	while (pipes->opened < pipes->most && (pipe = open_pipe(pipes)) != NULL)
		put_aside(pipes, pipe);
}

/* A spare pipe, or a new one. */
static struct pipe *find_empty(struct pipes *pipes, uint64_t now_ms)
{
	struct pipe *pipe = pipes->spare;

	if (pipe != NULL) {
		pipes->spare = pipe->next;
		return pipe;
	}
	if (pipes->opened == pipes->most || now_ms < pipes->not_before_ms)
		return NULL;
	pipe = open_pipe(pipes);
	if (pipe == NULL)
		pipes->not_before_ms = now_ms + RETRY_MS;
	return pipe;
}

struct pipe *pipes_borrow(struct pipes *pipes, struct leg *to, uint64_t now_ms)
{
	struct pipe *pipe = pipes->useless ? NULL : find_empty(pipes, now_ms);

	if (pipe == NULL)
		return NULL;
	pipe->to = to;
	pipe->since_ms = now_ms;
	return pipe;
}

/*
 * Takes the bytes out by reading: closing a pipe would do, but one that was opened with more rights cannot be had again. False
 * if any may be left.
 */
static bool is_emptied(struct pipe *pipe)
{
	uint8_t bytes[16 * 1024];

	while (pipe->filled > 0) {
		ssize_t size = read(pipe->read_fd, bytes, sizeof bytes);
		if (size > 0)
			pipe->filled -= (size_t)size;
		else if (size == 0 || errno != EINTR)
			return false;
	}
	return true;
}

void pipes_give_back(struct pipes *pipes, struct pipe *pipe)
{
	if (!is_emptied(pipe) || pipes->useless)
		close_pipe(pipes, pipe);
	else
		put_aside(pipes, pipe);
}

struct pipe *pipes_find_oldest(struct pipes *pipes, uint64_t before_ms)
{
	struct pipe *oldest = NULL;

	for (int at = 0; at < PIPES_PER_THREAD; at++) {
		struct pipe *pipe = &pipes->all[at];
		uint64_t earlier_ms = oldest == NULL ? before_ms : oldest->since_ms;
		if (pipe->to != NULL && pipe->since_ms < earlier_ms)
			oldest = pipe;
	}
	return oldest;
}

bool pipe_error_is_ours(int error)
{
	return error == EINVAL || error == ENOSYS || error == EPERM || error == EOPNOTSUPP;
}

ssize_t pipe_fill(struct pipe *pipe, int socket, size_t most)
{
	ssize_t size = splice(socket, NULL, pipe->write_fd, NULL, most, HOW);

	if (size < 0)
		return -errno;
	pipe->filled = (size_t)size;
	return size;
}

int pipe_flush(struct pipe *pipe, int socket)
{
	while (pipe->filled > 0) {
		ssize_t size = splice(pipe->read_fd, NULL, socket, NULL, pipe->filled, HOW);
		if (size > 0)
			pipe->filled -= (size_t)size;
		else if (size == 0 || errno == EAGAIN)
			return 0;
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}
