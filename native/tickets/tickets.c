/*
 * Accepts tickets of Kerberos for picosocks5, which never parses one itself: "pis5tickets KEYTAB UID GID" is started by the daemon
 * while that is root, reads all keys into memory, becomes UID and GID and shuts itself in.
 *
 * Descriptor 3 is a stream socket to the daemon. In: `ID LENGTH TOKEN`; out: `ID LENGTH ANSWER` (kerberos.h), one for each token and
 * in that order; numbers are 32 bits in network order. The first thing out is an empty answer with ID 0: it is ready. It ends
 * when the daemon closes the socket.
 *
 * When it is killed, its standby goes on (standby.h): it throws away what the daemon has sent, and says that it is ready, which means that
 * earlier tokens are lost. Where it has to wait before, it says so first: an answer with ID 0, ANSWER_PAUSES and the seconds.
 *
 * Each token is read by a process of its own, which has READER_SECONDS, writes its answer into shared memory and is gone: nothing that a
 * token does outlives it. This process looks at lengths only.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "channel.h"
#include "jail.h"
#include "kerberos.h"
#include "standby.h"

#define READER_SECONDS 3

#ifndef __NR_close_range
#define __NR_close_range 436
#endif

/* Written by a reader, so it is trusted only to be an answer to this token. */
struct shared {
	size_t length;
	uint8_t answer[MAX_ANSWER];
};

static void fail(const char *doing, const char *why)
{
	fprintf(stderr, "%s: %s\n", doing, why);
	exit(1);
}

static uint32_t number_at(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

_Noreturn static void read_token(const uint8_t *token, size_t length, struct shared *shared)
{
	close(CHANNEL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || jail_close_reader() < 0)
		_exit(1);
	shared->length = kerberos_accept(token, length, shared->answer);
	_exit(0);
}

/* The status of the reader's process; -1 where it had to be killed. SIGCHLD is blocked, so none is missed. */
static int wait_for(pid_t reader)
{
	const struct timespec limit = { .tv_sec = READER_SECONDS };
	sigset_t ends;
	int status;

	sigemptyset(&ends);
	sigaddset(&ends, SIGCHLD);
	while (waitpid(reader, &status, WNOHANG) != reader) {
		if (sigtimedwait(&ends, NULL, &limit) >= 0 || errno != EAGAIN)
			continue;
		kill(reader, SIGKILL);
		while (waitpid(reader, &status, 0) < 0 && errno == EINTR)
			;
		return -1;
	}
	return status;
}

static size_t failed(struct shared *shared, const char *why)
{
	return answer_text(shared->answer, ANSWER_FAILED, why, strlen(why));
}

static size_t answer_to(const uint8_t *token, size_t length, struct shared *shared)
{
	shared->length = 0;
	pid_t reader = fork();
	if (reader < 0)
		return failed(shared, strerror(errno));
	if (reader == 0)
		read_token(token, length, shared);
	int status = wait_for(reader);
	if (status == -1)
		return failed(shared, "the token took too long to read");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || shared->length == 0 || shared->length > MAX_ANSWER)
		return failed(shared, "the token has ended the process that read it");
	return shared->length;
}

/* 0 at the end of the stream, and where its bytes are no question. */
static int answer_one(struct shared *shared)
{
	static uint8_t token[MAX_TOKEN];
	uint8_t head[HEAD_BYTES];

	if (!channel_read(head, sizeof head))
		return 0;
	uint32_t length = number_at(head + 4);
	if (length > MAX_TOKEN || !channel_read(token, length))
		return 0;
	size_t answered = answer_to(token, length, shared);
	int is_said = channel_say(number_at(head), shared->answer, answered);
	explicit_bzero(shared, sizeof *shared);
	return is_said;
}

/* Memory of its own: a reader of the process whose place this one takes may still be writing. */
static struct shared *share(void)
{
	struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		fail("memory for answers", strerror(errno));
	return shared;
}

/* In the place of a process that has ended: what it has read of a question is lost, and so is the rest. Ends with the daemon. */
static struct shared *go_on(void)
{
	struct shared *shared = share();
	unsigned seconds = standby_pause();
	uint8_t pause[1 + 4];

	answer_number(answer_byte(pause, ANSWER_PAUSES), seconds, 4);
	if (seconds > 0 && !(channel_say(0, pause, sizeof pause) && channel_rest(seconds)))
		exit(0);
	if (!channel_empty() || !channel_say(0, NULL, 0))
		exit(0);
	return shared;
}

/* A process that ends interrupts the waiting, so that there is a standby again. */
static void serve(struct shared *shared)
{
	struct pollfd channel = { CHANNEL, POLLIN, 0 };
	sigset_t none;

	sigemptyset(&none);
	for (;;) {
		if (standby_keep())
			shared = go_on();
		if (ppoll(&channel, 1, NULL, &none) > 0 ? !answer_one(shared) : errno != EINTR)
			return;
	}
}

static void notice(int signal)
{
	(void)signal;
}

/* Signals to all processes of the service are not meant for this one: the daemon drains, and this one ends with it. */
static void heed_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2, SIGQUIT };
	const struct sigaction noticing = { .sa_handler = notice };
	sigset_t blocked;

	for (size_t at = 0; at < sizeof ignored / sizeof *ignored; at++)
		signal(ignored[at], SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	sigaction(SIGCHLD, &noticing, NULL);
}

int main(int count, char **arguments)
{
	const char *why;
	int status;

	if (count != 4)
		fail("pis5tickets", "it is started by picosocks5, for the option gssapi-keytab");
	syscall(__NR_close_range, CHANNEL + 1, ~0u, 0);
	heed_signals();
	if ((why = kerberos_open(arguments[1])) != NULL)
		fail(arguments[1], why);
	struct shared *shared = share();
	if ((status = jail_drop((uid_t)atol(arguments[2]), (gid_t)atol(arguments[3]))) < 0)
		fail("the drop of root", strerror(-status));
	if ((status = jail_close()) < 0)
		fail("the confinement", strerror(-status));
	standby_call(arguments[0]);
	if (standby_keep())
		shared = go_on();
	else if (!channel_say(0, NULL, 0))
		return 0;
	serve(shared);
	return 0;
}
