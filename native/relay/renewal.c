/* See renewal.h. */
#include "renewal.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unix/check.h"
#include "../unix/socket.h"

static int set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

static int copy_option(int from, int to, int level, int name)
{
	int value = 0;
	socklen_t size = sizeof value;

	if (getsockopt(from, level, name, &value, &size) < 0)
		return -errno;
	return value == 0 ? 0 : set(to, level, name, value);
}

static int copy_interface(int from, int to)
{
	char name[IFNAMSIZ];
	socklen_t size = sizeof name;

	if (getsockopt(from, SOL_SOCKET, SO_BINDTODEVICE, name, &size) < 0)
		return -errno;
	if (size == 0)
		return 0;
	return setsockopt(to, SOL_SOCKET, SO_BINDTODEVICE, name, size) < 0 ? -errno : 0;
}

/* Sockets of different owners do not share a port; that of an old daemon may be its account's. */
static int copy_owner(int from, int to)
{
	struct stat old, fresh;

	if (fstat(from, &old) < 0 || fstat(to, &fresh) < 0)
		return -errno;
	if (old.st_uid == fresh.st_uid)
		return 0;
	return fchown(to, old.st_uid, (gid_t)-1) < 0 ? -errno : 0;
}

static int copy_binding(int from, int to, const union address *address, socklen_t size)
{
	TRY(set(to, SOL_SOCKET, SO_REUSEADDR, 1));
	if (address->any.sa_family == AF_INET6)
		TRY(copy_option(from, to, IPPROTO_IPV6, IPV6_V6ONLY));
	TRY(copy_option(from, to, IPPROTO_IP, IP_FREEBIND));
	TRY(copy_interface(from, to));
	TRY(copy_owner(from, to));
	TRY(set(from, SOL_SOCKET, SO_REUSEPORT, 1));
	TRY(set(to, SOL_SOCKET, SO_REUSEPORT, 1));
	return bind(to, &address->any, size) < 0 ? -errno : 0;
}

int renewal_prepare(int old)
{
	union address address;
	socklen_t size = sizeof address;

	if (getsockname(old, &address.any, &size) < 0)
		return -errno;
	if (address.any.sa_family != AF_INET && address.any.sa_family != AF_INET6)
		return -EAFNOSUPPORT;
	int fresh = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fresh < 0)
		return -errno;
	int status = copy_binding(old, fresh, &address, size);
	if (status == 0)
		return fresh;
	close(fresh);
	return status;
}

/* In the group of sockets at an address the one that listened first is number 0. */
#define SECOND 1

int renewal_start(int fresh)
{
	struct sock_filter answer = BPF_STMT(BPF_RET | BPF_K, SECOND);
	const struct sock_fprog program = { .len = 1, .filter = &answer };

	if (listen(fresh, BACKLOG) < 0)
		return -errno;
	return setsockopt(fresh, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) < 0 ? -errno : 0;
}

#define NO_INTERFACE INT_MAX

int renewal_close_off(int old)
{
	int status = set(old, SOL_SOCKET, SO_BINDTOIFINDEX, NO_INTERFACE);

	if (shutdown(old, SHUT_RDWR) < 0 && status == 0)
		status = -errno;
	return status;
}
