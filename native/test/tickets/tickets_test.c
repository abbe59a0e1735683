/*
 * Every token is answered by pis5tickets, and none ends it. The program under test is built with sanitizers and without its jail, and opens
 * the library of the host. PIS5TICKETS is its path. Without the path or the library these tests do not run.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../tickets/kerberos.h"
#include "../rig/checks.h"
#include "token.h"

#define LIMIT_MS 30000
#define ROUNDS 200
#define REFUSED 1

static struct program {
	pid_t pid;
	int channel;
	char folder[32], keytab[48];
	uint32_t asked;
} program;

static uint32_t seed = 1961;

static uint32_t random_below(uint32_t most)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % most;
}

static void run_program(int channel)
{
	char config[48];

	snprintf(config, sizeof config, "%s/krb5.conf", program.folder);
	FILE *file = fopen(config, "w");
	if (file == NULL || fputs("[libdefaults]\n default_realm = PICO.TEST\n", file) < 0 || fclose(file) != 0)
		_exit(1);
	setenv("KRB5_CONFIG", config, 1);
	setenv("KRB5RCACHENAME", "none:", 1);
	/* Each token has a process of its own, which may leak: it ends after the answer. */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	if (dup2(channel, 3) != 3)
		_exit(1);
	execl(getenv("PIS5TICKETS"), "pis5tickets", program.keytab, "0", "0", (char *)NULL);
	_exit(1);
}

static bool take(void *to, size_t size)
{
	struct pollfd channel = { program.channel, POLLIN, 0 };

	for (size_t at = 0; at < size;) {
		ssize_t got = poll(&channel, 1, LIMIT_MS) == 1 ? read(program.channel, (char *)to + at, size - at) : 0;
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

static uint32_t number_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool is_ready(void)
{
	static const uint8_t ready[8];
	uint8_t said[8];

	return take(said, sizeof said) && memcmp(said, ready, sizeof said) == 0;
}

static bool open_program(void)
{
	int ends[2];

	snprintf(program.folder, sizeof program.folder, "/tmp/pis5tickets-XXXXXX");
	if (mkdtemp(program.folder) == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	snprintf(program.keytab, sizeof program.keytab, "%s/keytab", program.folder);
	if (!keytab_write(program.keytab))
		return false;
	if ((program.pid = fork()) == 0)
		run_program(ends[1]);
	close(ends[1]);
	program.channel = ends[0];
	return is_ready();
}

/* Ends it by the end of its channel; gives its status. */
static int close_program(void)
{
	static const char *files[] = { "keytab", "krb5.conf" };
	char path[64];
	int status = -1;

	close(program.channel);
	waitpid(program.pid, &status, 0);
	for (int at = 0; at < 2; at++) {
		snprintf(path, sizeof path, "%s/%s", program.folder, files[at]);
		unlink(path);
	}
	rmdir(program.folder);
	return status;
}

/* Asks about a token; gives the text of the answer, if that is a refusal. */
static const char *refusal_of(const uint8_t *token, size_t length)
{
	static uint8_t message[8 + MAX_TOKEN], answer[MAX_ANSWER + 1];
	uint8_t head[8];

	for (int at = 0; at < 4; at++) {
		message[at] = (uint8_t)((program.asked + 1) >> (24 - 8 * at));
		message[4 + at] = (uint8_t)(length >> (24 - 8 * at));
	}
	memcpy(message + 8, token, length);
	if (write(program.channel, message, 8 + length) != (ssize_t)(8 + length) || !take(head, sizeof head))
		return NULL;
	const uint32_t size = number_at(head + 4);
	if (number_at(head) != ++program.asked || size == 0 || size > MAX_ANSWER || !take(answer, size))
		return NULL;
	answer[size] = 0;
	if (answer[0] != REFUSED)
		fprintf(stderr, "answer %d: %s\n", answer[0], (char *)answer + 1);
	return answer[0] == REFUSED ? (char *)answer + 1 : NULL;
}

static void test_right_form(void)
{
	uint8_t token[TOKEN_ROOM];
	const char *why = refusal_of(token, token_make(token));

	/* It got as far as the key. */
	CHECK(why != NULL && strstr(why, "decrypt") != NULL);
}

static void test_junk_and_sizes(void)
{
	static uint8_t junk[MAX_TOKEN];

	CHECK(refusal_of(junk, 0) != NULL);
	for (size_t size = 1; size <= MAX_TOKEN; size = size * 3 + 1) {
		memset(junk, 0x60, size);
		CHECK(refusal_of(junk, size) != NULL);
		for (size_t at = 0; at < size; at++)
			junk[at] = (uint8_t)random_below(256);
		CHECK(refusal_of(junk, size) != NULL);
	}
	memset(junk, 0x60, MAX_TOKEN);
	CHECK(refusal_of(junk, MAX_TOKEN) != NULL);
	/* A right beginning that says more than there is, and one that goes on beyond what it says. */
	size_t length = token_make(junk);
	CHECK(refusal_of(junk, length - 1) != NULL);
	CHECK(refusal_of(junk, MAX_TOKEN) != NULL);
}

static void test_truncated(void)
{
	uint8_t token[TOKEN_ROOM];
	const size_t length = token_make(token);

	for (size_t size = 1; size < length; size += size < 120 ? 3 : 29)
		CHECK(refusal_of(token, size) != NULL);
}

static void test_changed(void)
{
	uint8_t token[TOKEN_ROOM];

	for (int round = 0; round < ROUNDS; round++) {
		const size_t length = token_make(token);
		/* Most changes hit the clear part: the library stops at the first encrypted part that does not fit the key. */
		for (uint32_t changes = 1 + random_below(3); changes > 0; changes--)
			token[random_below(round % 4 == 0 ? (uint32_t)length : 130)] = (uint8_t)random_below(256);
		CHECK(refusal_of(token, length) != NULL);
	}
}

static void test_replaced(void)
{
	uint8_t token[TOKEN_ROOM];

	kill(program.pid, SIGKILL);
	CHECK(is_ready());
	CHECK(refusal_of(token, token_make(token)) != NULL);
}

/* Bytes that are no question: the process cannot know where the next begins. */
static void test_nonsense(void)
{
	static const uint8_t head[8] = { 0, 0, 0, 1, 0, 1, 0, 0 };
	uint8_t token[TOKEN_ROOM];
	uint8_t pause[13];

	CHECK(write(program.channel, head, sizeof head) == sizeof head);
	/* The second end in a minute: it says how long it pauses, and then that it is ready. */
	CHECK(take(pause, sizeof pause) && number_at(pause) == 0 && pause[8] == ANSWER_PAUSES && number_at(pause + 9) == 1);
	CHECK(is_ready());
	CHECK(refusal_of(token, token_make(token)) != NULL);
}

void test_tickets(void)
{
	if (getenv("PIS5TICKETS") == NULL)
		return;
	if (dlopen("libgssapi_krb5.so.2", RTLD_NOW) == NULL) {
		fprintf(stderr, "note: no libgssapi_krb5.so.2, so pis5tickets is not tested\n");
		return;
	}
	const bool is_open = open_program();
	RUN(CHECK(is_open));
	if (is_open) {
		RUN(test_right_form());
		RUN(test_junk_and_sizes());
		RUN(test_truncated());
		RUN(test_changed());
		RUN(test_replaced());
		RUN(test_nonsense());
	}
	close_program();
}
