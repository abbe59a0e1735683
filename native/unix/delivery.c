/* See delivery.h. */
#include "delivery.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

/* Answers to questions that were given up, at most so many in a row. */
#define MOST_STALE 16

/* The first loss may be that of an overrun, which the kernel reports once. */
#define ATTEMPTS 2

struct question {
	struct nlmsghdr header;
	struct rtmsg route;
	uint8_t attributes[RTA_SPACE(16) + 2 * RTA_SPACE(sizeof(uint32_t))];
};

/* The beginning of an answer; what a longer one has behind it is cut off and not needed. */
struct answer {
	struct nlmsghdr header;
	union {
		struct rtmsg route;
		struct nlmsgerr failure;
	} body;
};

static void add_attribute(struct question *question, unsigned short type, const void *value, size_t size)
{
	struct rtattr *attribute = (struct rtattr *)((uint8_t *)question + NLMSG_ALIGN(question->header.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), value, size);
	question->header.nlmsg_len = NLMSG_ALIGN(question->header.nlmsg_len) + (uint32_t)RTA_SPACE(size);
}

/* The index of an interface, 0 for none named. */
static int interface_index(const struct delivery *delivery, const struct socket_marks *marks)
{
	struct ifreq request;

	if (marks == NULL || marks->interface[0] == '\0')
		return 0;
	memset(&request, 0, sizeof request);
	memcpy(request.ifr_name, marks->interface, sizeof request.ifr_name);
	return ioctl(delivery->fd, SIOCGIFINDEX, &request) < 0 ? -errno : request.ifr_ifindex;
}

static void make_question(struct question *question, const uint8_t *address, size_t size)
{
	memset(question, 0, sizeof *question);
	question->header.nlmsg_len = NLMSG_LENGTH(sizeof question->route);
	question->header.nlmsg_type = RTM_GETROUTE;
	question->header.nlmsg_flags = NLM_F_REQUEST;
	question->route.rtm_family = size == 4 ? AF_INET : AF_INET6;
	question->route.rtm_dst_len = (unsigned char)(size * 8);
	add_attribute(question, RTA_DST, address, size);
}

static bool stays_here(unsigned char type)
{
	return type == RTN_LOCAL || type == RTN_ANYCAST || type == RTN_BROADCAST || type == RTN_MULTICAST;
}

/* No route is an answer, as it is to connect(2); want of memory or of permission is none. */
static int judge_failure(int error)
{
	switch (-error) {
	case 0:
	case ENOMEM:
	case ENOBUFS:
	case EPERM:
		return error == 0 ? -EPROTO : error;
	default:
		return 0;
	}
}

static int judge(const struct answer *answer, size_t size)
{
	if (answer->header.nlmsg_type == RTM_NEWROUTE && size >= NLMSG_LENGTH(sizeof answer->body.route))
		return stays_here(answer->body.route.rtm_type);
	if (answer->header.nlmsg_type == NLMSG_ERROR && size >= NLMSG_LENGTH(sizeof answer->body.failure.error))
		return judge_failure(answer->body.failure.error);
	return -EPROTO;
}

/* The answer with that number is here already, or never comes. */
static int receive(const struct delivery *delivery, uint32_t sequence)
{
	for (int count = 0; count < MOST_STALE; count++) {
		struct answer answer;
		struct sockaddr_nl from = { 0 };
		socklen_t from_size = sizeof from;
		ssize_t size = recvfrom(delivery->fd, &answer, sizeof answer, MSG_DONTWAIT, (struct sockaddr *)&from,
					&from_size);
		if (size < 0 && errno != EINTR && errno != ENOBUFS)
			return -errno;
		/* Only the kernel has the number 0. */
		if (size < (ssize_t)NLMSG_HDRLEN || from.nl_pid != 0 || answer.header.nlmsg_seq != sequence)
			continue;
		return judge(&answer, (size_t)size);
	}
	return -EPROTO;
}

static int ask_once(struct delivery *delivery, struct question *question)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	question->header.nlmsg_seq = ++delivery->sequence;
	if (sendto(delivery->fd, question, question->header.nlmsg_len, MSG_DONTWAIT | MSG_NOSIGNAL,
		   (const struct sockaddr *)&kernel, sizeof kernel) < 0)
		return -errno;
	return receive(delivery, delivery->sequence);
}

int delivery_ask(struct delivery *delivery, const uint8_t *address, size_t size, const struct socket_marks *marks)
{
	struct question question;
	int status = -EINVAL;

	if (size != 4 && size != 16)
		return -EINVAL;
	make_question(&question, address, size);
	int index = interface_index(delivery, marks);
	TRY(index);
	if (index > 0)
		add_attribute(&question, RTA_OIF, &index, sizeof index);
	if (marks != NULL && marks->mark != 0)
		add_attribute(&question, RTA_MARK, &marks->mark, sizeof marks->mark);
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		status = ask_once(delivery, &question);
		if (status >= 0)
			break;
	}
	return status;
}

int delivery_open(struct delivery *delivery)
{
	const uint8_t loopback[] = { 127, 0, 0, 1 };

	delivery->sequence = 0;
	delivery->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (delivery->fd < 0)
		return -errno;
	int status = delivery_ask(delivery, loopback, sizeof loopback, NULL);
	if (status < 0)
		delivery_close(delivery);
	return status < 0 ? status : 0;
}

void delivery_close(struct delivery *delivery)
{
	if (delivery->fd >= 0)
		close(delivery->fd);
	delivery->fd = -1;
}
