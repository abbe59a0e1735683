/* See rig.h. */
#include "rig.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 15000

/* The rig itself must work: a failure here is no result. */
static void must(bool condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	abort();
}

static void loopback(union address *address, uint16_t port)
{
	static const uint8_t bytes[] = { 127, 0, 0, 1 };

	must(address_make(address, bytes, sizeof bytes, port) == 0, "address");
}

static int listen_plain(uint16_t *port)
{
	union address address;
	socklen_t size = sizeof address.v4;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	loopback(&address, 0);
	must(bind(fd, &address.any, size) == 0 && listen(fd, 512) == 0, "listen");
	must(getsockname(fd, &address.any, &size) == 0, "getsockname");
	*port = ntohs(address.v4.sin_port);
	return fd;
}

void rig_open(struct rig *rig, unsigned workers)
{
	rig_open_with(rig, &(struct engine_options){ .workers = workers });
}

void rig_open_with(struct rig *rig, const struct engine_options *options)
{
	union address address;
	int error = 0;

	memset(rig, 0, sizeof *rig);
	rig->shared = malloc(sizeof *rig->shared);
	rig->engine = engine_open(options, rig->shared, &error);
	must(rig->engine != NULL, "engine_open");
	loopback(&address, 0);
	rig->listener = engine_listen(rig->engine, &address, true);
	must(rig->listener >= 0, "engine_listen");
	must(engine_local(rig->engine, (uint32_t)rig->listener, &address) == 0, "engine_local");
	rig->port = ntohs(address.v4.sin_port);
	rig->target_listener = listen_plain(&rig->target_port);
}

void rig_close(struct rig *rig)
{
	engine_close(rig->engine);
	close(rig->target_listener);
	free(rig->shared);
}

static void remember(struct rig *rig, const struct engine_record *record)
{
	struct entry *entry = &rig->log[rig->log_size++ % RIG_LOG];

	*entry = (struct entry){ .record = *record };
	bool has_bytes = record->kind == RECORD_ACCEPTED || record->kind == RECORD_READ;
	if (has_bytes && record->length > 0)
		memcpy(entry->bytes, rig->shared->arena + record->offset,
		       record->length < RIG_BYTES ? (size_t)record->length : RIG_BYTES);
}

void rig_turn(struct rig *rig, int wait_ms)
{
	struct pollfd want = { .fd = engine_poll_fd(rig->engine), .events = POLLIN };

	poll(&want, 1, wait_ms);
	do {
		int count = engine_turn(rig->engine);
		for (int at = 0; at < count; at++)
			remember(rig, &rig->shared->records[at]);
	} while (engine_has_more(rig->engine));
}

static struct entry *find(struct rig *rig, enum engine_record_kind kind, int64_t handle)
{
	int first = rig->log_size > RIG_LOG ? rig->log_size - RIG_LOG : 0;

	for (int at = first; at < rig->log_size; at++) {
		struct entry *entry = &rig->log[at % RIG_LOG];
		if (!entry->taken && entry->record.kind == (int)kind && (handle < 0 || entry->record.handle == handle))
			return entry;
	}
	return NULL;
}

const struct entry *rig_wait(struct rig *rig, enum engine_record_kind kind, int64_t handle)
{
	uint64_t until = clock_ms() + PATIENCE_MS;
	struct entry *entry;

	while ((entry = find(rig, kind, handle)) == NULL && clock_ms() < until)
		rig_turn(rig, 20);
	if (entry != NULL)
		entry->taken = true;
	return entry;
}

int rig_client(struct rig *rig, const char *text)
{
	union address address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	loopback(&address, rig->port);
	must(fd >= 0 && connect(fd, &address.any, sizeof address.v4) == 0, "connect");
	must(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text), "send");
	return fd;
}

void rig_relay(struct rig *rig, struct session *session, struct relay_limits limits)
{
	const struct bytes early[2] = { { NULL, 0 }, { NULL, 0 } };
	union address address;
	enum socket_option option;

	session->client_fd = rig_client(rig, "!");
	const struct entry *accepted = rig_wait(rig, RECORD_ACCEPTED, -1);
	must(accepted != NULL, "accepted");
	session->client = (uint32_t)accepted->record.handle;
	loopback(&address, rig->target_port);
	int target = engine_dial(rig->engine, &address, NULL, NULL, &option);
	must(target >= 0, "dial");
	session->target = (uint32_t)target;
	const struct entry *connected = rig_wait(rig, RECORD_CONNECTED, target);
	must(connected != NULL && connected->record.error == 0, "connected");
	session->target_fd = accept4(rig->target_listener, NULL, NULL, SOCK_CLOEXEC);
	must(session->target_fd >= 0, "accept");
	must(engine_relay(rig->engine, session->client, session->target, limits, early) == 0, "relay");
}

static ssize_t receive_some(struct rig *rig, int fd, void *bytes, size_t size)
{
	uint64_t until = clock_ms() + PATIENCE_MS;

	for (;;) {
		ssize_t got = recv(fd, bytes, size, MSG_DONTWAIT);
		if (got >= 0 || errno != EAGAIN || clock_ms() > until)
			return got;
		rig_turn(rig, 1);
	}
}

bool rig_receive(struct rig *rig, int fd, void *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = receive_some(rig, fd, (char *)bytes + done, size - done);
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

char rig_ending(struct rig *rig, int fd)
{
	char bytes[4096];
	ssize_t got;

	while ((got = receive_some(rig, fd, bytes, sizeof bytes)) > 0)
		;
	if (got == 0)
		return 'f';
	return errno == ECONNRESET ? 'r' : '?';
}

void rig_chat(struct rig *rig, const struct session *session)
{
	char byte = 0;

	for (int count = 0; count < 40; count++) {
		CHECK(send(session->client_fd, "u", 1, MSG_NOSIGNAL) == 1);
		CHECK(rig_receive(rig, session->target_fd, &byte, 1) && byte == 'u');
		CHECK(send(session->target_fd, "d", 1, MSG_NOSIGNAL) == 1);
		CHECK(rig_receive(rig, session->client_fd, &byte, 1) && byte == 'd');
	}
}

int open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count;
}

void check_ended(struct rig *rig, const struct session *session, enum relay_ending ending)
{
	const struct entry *ended = rig_wait(rig, RECORD_RELAY_ENDED, session->client);

	CHECK(ended != NULL);
	CHECK(ended != NULL && ended->record.origin == (int)ending);
}

void close_both(const struct session *session)
{
	close(session->client_fd);
	close(session->target_fd);
}
