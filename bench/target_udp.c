/* The UDP service of target.c: sends back what it gets, many datagrams per system call. */
#define _GNU_SOURCE
#include "target.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define AT_ONCE 64
#define SIZE_MAX_UDP 65536
#define RECEIVE_BUFFER (4 << 20)

static uint8_t datagrams[AT_ONCE][SIZE_MAX_UDP];

/* A socket on `address`; the port is chosen where *port is 0. -1 with errno set. */
int open_datagrams(uint32_t address, uint16_t *port)
{
	const int size = RECEIVE_BUFFER;
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(*port) };
	socklen_t name_size = sizeof name;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	name.sin_addr.s_addr = htonl(address);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &name_size) < 0)
		return -1;
	*port = ntohs(name.sin_port);
	return fd;
}

/* What waits there goes back; what the kernel does not take is lost. */
void echo_datagrams(int fd)
{
	static struct mmsghdr headers[AT_ONCE];
	static struct iovec pieces[AT_ONCE];
	static struct sockaddr_in peers[AT_ONCE];

	for (int at = 0; at < AT_ONCE; at++) {
		pieces[at] = (struct iovec){ .iov_base = datagrams[at], .iov_len = SIZE_MAX_UDP };
		headers[at].msg_hdr = (struct msghdr){ .msg_name = &peers[at], .msg_namelen = sizeof peers[at],
			.msg_iov = &pieces[at], .msg_iovlen = 1 };
	}
	int count = recvmmsg(fd, headers, AT_ONCE, 0, NULL);

	for (int at = 0; at < count; at++)
		pieces[at].iov_len = headers[at].msg_len;
	if (count > 0)
		sendmmsg(fd, headers, (unsigned)count, 0);
}
