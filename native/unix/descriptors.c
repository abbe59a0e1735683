/* See descriptors.h. */
#include "descriptors.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"

/* The buffer of ancillary data, aligned as cmsg(3) requires. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(DESCRIPTORS_MOST * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

static int set_timeouts(int socket, unsigned timeout_ms)
{
	const struct timeval limit = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };

	if (setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
	    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0)
		return -errno;
	return 0;
}

static int connect_to(int socket, const struct sockaddr_un *address, unsigned timeout_ms)
{
	const int yes = 1;
	int status;

	TRY(set_timeouts(socket, timeout_ms));
	/* Before the peer can send: from now on the kernel names the sender of each message. */
	if (setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) < 0)
		return -errno;
	/* With a timeout, no signal handler restarts a call (signal(7)). */
	do
		status = connect(socket, (const struct sockaddr *)address, sizeof *address);
	while (status < 0 && errno == EINTR);
	return status < 0 ? -errno : 0;
}

int descriptors_connect(const char *path, unsigned timeout_ms)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = strlen(path);

	if (size >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, size);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int status = connect_to(fd, &address, timeout_ms);
	if (status == 0)
		return fd;
	close(fd);
	return status;
}

int descriptors_send(int socket, const uint8_t *bytes, size_t size, const int *fds, size_t count)
{
	union control control;
	/* The kernel does not write to outgoing buffers. */
	struct iovec data = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = size };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (size == 0 || count > DESCRIPTORS_MOST)
		return -EINVAL;
	if (count > 0) {
		memset(&control, 0, sizeof control);
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	}
	ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	return sent < 0 ? -errno : (int)sent;
}

/* Keeps the descriptors that fit, and closes the rest: no other code knows of them. */
static size_t take(const struct cmsghdr *header, int *fds, size_t room)
{
	size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t at = 0; at < count; at++) {
		int fd;
		memcpy(&fd, CMSG_DATA(header) + at * sizeof fd, sizeof fd);
		if (at < room)
			fds[at] = fd;
		else
			close(fd);
	}
	return count < room ? count : room;
}

/* Keeps the contents of one item of ancillary data. */
static void take_item(const struct cmsghdr *header, struct delivery *delivery, size_t room)
{
	struct ucred from;

	if (header->cmsg_level != SOL_SOCKET)
		return;
	if (header->cmsg_type == SCM_RIGHTS)
		delivery->count += take(header, delivery->fds + delivery->count, room - delivery->count);
	if (header->cmsg_type == SCM_CREDENTIALS) {
		memcpy(&from, CMSG_DATA(header), sizeof from);
		delivery->pid = from.pid;
		delivery->uid = from.uid;
	}
}

int descriptors_receive(int socket, uint8_t *bytes, size_t most, struct delivery *delivery)
{
	const size_t room = delivery->count;
	union control control;
	struct iovec data = { .iov_base = bytes, .iov_len = most };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof control };
	ssize_t size;

	do
		size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return -errno;
	delivery->count = 0;
	delivery->pid = 0;
	delivery->uid = 0;
	for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header))
		take_item(header, delivery, room);
	return (int)size;
}

int descriptors_unix_name(int socket, char *name, size_t size)
{
	struct sockaddr_un address;
	socklen_t length = sizeof address;

	if (getsockname(socket, (struct sockaddr *)&address, &length) < 0)
		return -errno;
	if (address.sun_family != AF_UNIX)
		return -EAFNOSUPPORT;
	size_t count = length - offsetof(struct sockaddr_un, sun_path);
	if (count >= size)
		return -ENAMETOOLONG;
	memcpy(name, address.sun_path, count);
	name[count] = '\0';
	return 0;
}
