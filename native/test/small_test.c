/* The datagram socket and crypt. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../crypt_hash.h"
#include "../datagram.h"
#include "harness.h"

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

void test_small(void)
{
	RUN(sends_datagrams());
	RUN(hashes_passwords());
}
