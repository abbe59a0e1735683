/* The datagram socket, crypt, and descriptors that are passed on. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../unix/crypt_hash.h"
#include "../../unix/datagram.h"
#include "../../unix/descriptors.h"
#include "../../relay/renewal.h"
#include "../rig/rig.h"

static int bind_reader(const struct datagram *datagram)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK(bind(fd, (const struct sockaddr *)&datagram->address, datagram->address_size) == 0);
	return fd;
}

static void sends_datagrams(void)
{
	struct datagram datagram;
	char name[64], bytes[8];
	const uint8_t record[] = "record";
	enum datagram_result result = DATAGRAM_SENT;

	snprintf(name, sizeof name, "@picosocks5-native-test-%d", (int)getpid());
	CHECK(datagram_open(&datagram, name) == 0);
	CHECK(datagram_send(&datagram, record, 6) == DATAGRAM_GONE);
	int reader = bind_reader(&datagram);
	CHECK(datagram_send(&datagram, record, 6) == DATAGRAM_SENT);
	CHECK(recv(reader, bytes, sizeof bytes, MSG_DONTWAIT) == 6 && memcmp(bytes, "record", 6) == 0);
	for (int count = 0; count < 100000 && result == DATAGRAM_SENT; count++)
		result = datagram_send(&datagram, record, 6);
	CHECK(result == DATAGRAM_FULL);
	close(reader);
	CHECK(datagram_send(&datagram, record, 6) == DATAGRAM_GONE);
	reader = bind_reader(&datagram);
	CHECK(datagram_send(&datagram, record, 6) == DATAGRAM_SENT);
	close(reader);
	datagram_close(&datagram);
	CHECK(datagram_open(&datagram, "") == -EINVAL);
}

static void hashes_passwords(void)
{
	char hash[512];
	int status = crypt_hash("rasmuslerdorf", "rl", hash, sizeof hash);

	CHECK(status == -ENOSYS || (status == 0 && strcmp(hash, "rl.3StKT.4T8M") == 0));
	CHECK(crypt_hash("x", "$nonsense$", hash, sizeof hash) < 0);
	CHECK(crypt_hash("x", "rl", hash, 4) < 0);
}

static void passes_descriptors(void)
{
	int pair[2], ends[2], got[2] = { -1, -1 };
	const uint8_t word[] = "word";
	uint8_t bytes[8];
	struct delivery delivery = { .fds = got, .count = 1 };

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	CHECK(pipe(ends) == 0);
	int before = open_descriptors();
	CHECK(descriptors_send(pair[0], word, 4, ends, 2) == 4);
	CHECK(descriptors_receive(pair[1], bytes, sizeof bytes, &delivery) == 4 && delivery.count == 1);
	CHECK(delivery.pid == 0); /* no query is pending */
	CHECK(got[1] == -1 && open_descriptors() == before + 1); /* what had no room was closed */
	close(ends[0]);
	CHECK(write(ends[1], "x", 1) == 1 && read(got[0], bytes, 1) == 1 && bytes[0] == 'x');
	CHECK(descriptors_send(pair[0], word, 0, ends, 1) == -EINVAL);
	close(pair[0]);
	delivery.count = 1;
	CHECK(descriptors_receive(pair[1], bytes, sizeof bytes, &delivery) == 0 && delivery.count == 0);
	CHECK(descriptors_connect("/nonexistent/socket", 100) == -ENOENT);
	close(got[0]);
	close(ends[1]);
	close(pair[1]);
}

/* The name of a Unix socket at `address`, and the sender that the kernel names for bytes from it. */
static void names_the_sender(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct delivery delivery = { 0 };
	char name[sizeof address.sun_path];
	uint8_t bytes[4];

	snprintf(address.sun_path, sizeof address.sun_path, "/tmp/picosocks5-sender-%d", (int)getpid());
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(bind(listener, (const struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1) == 0);
	CHECK(descriptors_unix_name(listener, name, sizeof name) == 0 && strcmp(name, address.sun_path) == 0);
	CHECK(descriptors_unix_name(listener, name, 4) == -ENAMETOOLONG);
	int near = descriptors_connect(address.sun_path, 1000), far = accept(listener, NULL, NULL);
	CHECK(descriptors_unix_name(near, name, sizeof name) == 0 && name[0] == '\0');
	CHECK(write(far, "word", 4) == 4);
	CHECK(descriptors_receive(near, bytes, sizeof bytes, &delivery) == 4);
	CHECK(delivery.pid == getpid() && delivery.uid == getuid());
	close(near);
	close(far);
	close(listener);
	unlink(address.sun_path);
}

static int connect_to_port(int listener)
{
	struct sockaddr_in6 address;
	socklen_t size = sizeof address;
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
	CHECK(connect(fd, (const struct sockaddr *)&address, size) == 0);
	return fd;
}

/* A client of `listener` is accepted from `by`. */
static void serves(int listener, int by)
{
	int client = connect_to_port(listener), leg = accept(by, NULL, NULL);

	CHECK(leg >= 0);
	close(leg);
	close(client);
}

static void renews_a_listener(void)
{
	const struct sockaddr_in6 loopback = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int old = socket_listen((const union address *)&loopback, false, &(struct socket_options){ 0 }), unix_socket = socket(AF_UNIX, SOCK_STREAM, 0);

	CHECK(fcntl(old, F_SETFL, 0) == 0);
	int fresh = renewal_prepare(old), copy = dup(old);
	CHECK(fresh >= 0 && fcntl(fresh, F_SETFL, 0) == 0);
	serves(old, old);
	int waiting = connect_to_port(old);
	CHECK(renewal_start(fresh) == 0);
	for (int times = 0; times < 20; times++)
		serves(old, fresh);
	int leg = accept(old, NULL, NULL); /* who came before is still there */
	CHECK(leg >= 0);
	close(leg);
	close(waiting);
	CHECK(renewal_close_off(old) == 0);
	close(old);
	CHECK(listen(copy, 8) == 0); /* what a thief would try */
	for (int times = 0; times < 20; times++)
		serves(fresh, fresh);
	CHECK(renewal_close_off(copy) == (geteuid() == 0 ? 0 : -EPERM));
	CHECK(renewal_prepare(unix_socket) == -EAFNOSUPPORT);
	CHECK(renewal_prepare(-1) == -EBADF);
	close(unix_socket);
	close(copy);
	close(fresh);
}

static void adopts_only_listeners(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(bind(tcp, (const struct sockaddr *)&any, sizeof any) == 0);
	CHECK(socket_adopt_listener(tcp, true, 0) == -EINVAL);
	CHECK(listen(tcp, 1) == 0 && socket_adopt_listener(tcp, true, 0) == 0);
	CHECK(socket_adopt_listener(udp, true, 0) == -ESOCKTNOSUPPORT);
	CHECK(socket_adopt_listener(local, true, 0) == -EAFNOSUPPORT);
	CHECK(socket_adopt_listener(-1, true, 0) == -EBADF);
	close(tcp);
	close(udp);
	close(local);
}

struct interruption {
	pthread_t whom;
	int answer_on;
};

static void *interrupt_then_answer(void *data)
{
	const struct interruption *interruption = data;

	usleep(50000);
	pthread_kill(interruption->whom, SIGUSR2);
	usleep(50000);
	CHECK(write(interruption->answer_on, "!", 1) == 1);
	return NULL;
}

static void on_signal(int number)
{
	(void)number;
}

/* A signal in between is no answer of the other side. */
static void waits_through_a_signal(void)
{
	const struct sigaction handled = { .sa_handler = on_signal }, ignored = { .sa_handler = SIG_IGN };
	const struct timeval limit = { .tv_sec = 15 };
	int ends[2], fds[1];
	uint8_t byte = 0;
	struct delivery delivery = { .fds = fds, .count = 1 };
	pthread_t thread;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	CHECK(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
	struct interruption interruption = { .whom = pthread_self(), .answer_on = ends[1] };
	sigaction(SIGUSR2, &handled, NULL);
	CHECK(pthread_create(&thread, NULL, interrupt_then_answer, &interruption) == 0);
	CHECK(descriptors_receive(ends[0], &byte, 1, &delivery) == 1 && byte == '!' && delivery.count == 0);
	pthread_join(thread, NULL);
	sigaction(SIGUSR2, &ignored, NULL);
	close(ends[0]);
	close(ends[1]);
}

void test_small(void)
{
	RUN(sends_datagrams());
	RUN(hashes_passwords());
	RUN(passes_descriptors());
	RUN(names_the_sender());
	RUN(renews_a_listener());
	RUN(waits_through_a_signal());
	RUN(adopts_only_listeners());
}
