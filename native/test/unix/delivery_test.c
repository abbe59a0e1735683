/* Addresses that the kernel delivers locally, in a network namespace of the test if root may make one. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../unix/delivery.h"
#include "../rig/checks.h"

static int ask(struct delivery *delivery, const char *text, const struct socket_marks *marks)
{
	uint8_t address[16];
	bool is_v6 = strchr(text, ':') != NULL;

	CHECK(inet_pton(is_v6 ? AF_INET6 : AF_INET, text, address) == 1);
	return delivery_ask(delivery, address, is_v6 ? 16 : 4, marks);
}

static void tells_own_from_others(void)
{
	struct delivery delivery;
	const uint8_t few[3] = { 127, 0, 0 };

	CHECK(delivery_open(&delivery) == 0);
	CHECK(ask(&delivery, "127.0.0.1", NULL) == 1);
	CHECK(ask(&delivery, "127.9.9.9", NULL) == 1);
	CHECK(ask(&delivery, "198.51.100.77", NULL) == 0);
	CHECK(delivery_ask(&delivery, few, sizeof few, NULL) == -EINVAL);
	delivery_close(&delivery);
	CHECK(ask(&delivery, "127.0.0.1", NULL) < 0);
	delivery_close(&delivery);
}

/* Unread answers precede the expected one, or leave no room for it. */
static void finds_its_answer_among_old_ones(int stale)
{
	struct delivery delivery;
	struct {
		struct nlmsghdr header;
		struct rtgenmsg body;
	} dump = {
		.header = { .nlmsg_len = NLMSG_LENGTH(sizeof dump.body),
			    .nlmsg_type = RTM_GETLINK,
			    .nlmsg_flags = NLM_F_REQUEST,
			    .nlmsg_seq = 77 },
		.body = { .rtgen_family = AF_UNSPEC },
	};

	CHECK(delivery_open(&delivery) == 0);
	for (int count = 0; count < stale; count++)
		(void)!send(delivery.fd, &dump, dump.header.nlmsg_len, MSG_DONTWAIT);
	int first = ask(&delivery, "127.0.0.1", NULL);
	CHECK(first == 1 || first < 0);
	for (int count = 0; count < stale && first != 1; count++)
		first = ask(&delivery, "127.0.0.1", NULL);
	CHECK(first == 1);
	CHECK(ask(&delivery, "198.51.100.77", NULL) == 0);
	delivery_close(&delivery);
}

static const char *const COMMANDS[] = {
	"ip link set lo up",
	"ip link add wire type veth peer name far",
	"ip address add 203.0.113.1/24 dev wire",
	"ip link set wire up",
	"ip link set far up",
	"ip link add off type veth peer name away",
	"ip address add 198.51.100.1/24 dev off",
	"ip route add local 192.0.2.0/24 dev lo",
	"ip route add local 10.9.0.0/16 dev lo table 77",
	"ip rule add fwmark 17 lookup 77",
	"ip route add unreachable 10.8.0.0/16",
	"ip route add prohibit 10.7.0.0/16",
	"ip route add blackhole 10.6.0.0/16",
	"ip route add default via 203.0.113.254",
};

static const struct {
	const char *address;
	int here;
} EXPECTED[] = {
	{ "203.0.113.1", 1 }, /* unicast */
	{ "203.0.113.255", 1 }, /* broadcast */
	{ "255.255.255.255", 1 },
	{ "224.0.0.1", 1 }, /* multicast */
	{ "198.51.100.1", 1 }, /* of an interface that is down */
	{ "192.0.2.200", 1 }, /* AnyIP */
	{ "203.0.113.2", 0 },
	{ "10.9.0.1", 0 }, /* only with the mark */
	{ "10.8.0.1", 0 },
	{ "10.7.0.1", 0 },
	{ "10.6.0.1", 0 },
};

static int look_around(void)
{
	struct delivery delivery;
	const struct socket_marks marked = { .mark = 17 }, absent = { .interface = "nosuch0" };
	int wrong = 0;

	if (unshare(CLONE_NEWNET) < 0)
		return 0;
	for (size_t at = 0; at < sizeof COMMANDS / sizeof *COMMANDS; at++)
		wrong += system(COMMANDS[at]) != 0;
	if (delivery_open(&delivery) < 0)
		return 100;
	for (size_t at = 0; at < sizeof EXPECTED / sizeof *EXPECTED; at++)
		wrong += ask(&delivery, EXPECTED[at].address, NULL) != EXPECTED[at].here;
	wrong += ask(&delivery, "10.9.0.1", &marked) != 1;
	wrong += ask(&delivery, "203.0.113.1", &absent) != -ENODEV;
	delivery_close(&delivery);
	return wrong;
}

static void knows_what_no_interface_lists(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(look_around());
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void test_delivery(void)
{
	RUN(tells_own_from_others());
	RUN(finds_its_answer_among_old_ones(3));
	RUN(finds_its_answer_among_old_ones(2000));
	RUN(knows_what_no_interface_lists());
}
