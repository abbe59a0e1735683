/* Milliseconds from exec of a server to its first accepted connection. The server is ended afterwards. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_NS 500000

static pid_t start(char **command);
static bool accepts(uint16_t port);
static void nap(void);
static void stop(pid_t pid);

/* proxy= the port that the command line after `--` makes it listen on. */
void mode_ready(const struct options *options, char **command)
{
	uint64_t started_ns = now_ns();
	pid_t pid = start(command);
	bool ready;

	while (!(ready = accepts(options->proxy)) && seconds_since(started_ns) < options->seconds) {
		errno = 0;
		if (waitpid(pid, NULL, WNOHANG) == pid)
			die("the server ended before it was ready");
		nap();
	}
	double ms = seconds_since(started_ns) * 1e3;

	stop(pid);
	errno = 0;
	if (!ready)
		die("not ready in time");
	printf("{\"readyMs\":%.3f}\n", ms);
}

/* In a process group of its own, so that children which it forks can be ended with it. */
static pid_t start(char **command)
{
	pid_t pid = fork();

	if (pid < 0)
		die("cannot fork");
	if (pid > 0)
		return pid;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setpgid(0, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	execvp(command[0], command);
	_exit(127);
}

static bool accepts(uint16_t port)
{
	struct sockaddr_in proxy = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connected;

	if (fd < 0)
		die("cannot open a socket");
	proxy.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	connected = connect(fd, (struct sockaddr *)&proxy, sizeof proxy) == 0;
	close(fd);
	return connected;
}

static void nap(void)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };

	nanosleep(&pause, NULL);
}

/* SIGTERM, three seconds of grace, then SIGKILL to the group. */
static void stop(pid_t pid)
{
	const uint64_t started_ns = now_ns();

	kill(-pid, SIGTERM);
	while (waitpid(pid, NULL, WNOHANG) == 0 && seconds_since(started_ns) < 3)
		nap();
	kill(-pid, SIGKILL);
	while (waitpid(-pid, NULL, 0) > 0)
		;
}
