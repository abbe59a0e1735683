/* Usage: load MODE key=value... ; see README.md for the modes. One JSON line on standard output per result. */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE_MAX 4096u
#define TOTAL_MAX 10000000u
#define SECONDS_MAX 600u

static void read_option(struct options *options, char *word);
static uint64_t number(const char *text, uint64_t max);
static void run_mode(const char *mode, const struct options *options);

int main(int argc, char **argv)
{
	struct options options = { .total = 1000, .at_once = 1, .bytes = 1u << 30, .size = 64, .window = 1,
		.seconds = 60 };
	int at = 2;

	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		die("usage: load connect|bulk|echo|hold|stall|udp|ready|piped key=value...");
	for (; at < argc && strcmp(argv[at], "--") != 0; at++)
		read_option(&options, argv[at]);
	options.associate = strcmp(argv[1], "udp") == 0;
	if (strcmp(argv[1], "piped") == 0)
		mode_piped(at < argc ? argv + at + 1 : argv + argc);
	else if (strcmp(argv[1], "ready") != 0)
		run_mode(argv[1], &options);
	else if (at + 1 < argc)
		mode_ready(&options, argv + at + 1);
	else
		die("ready needs a command after --");
	return 0;
}

static void read_option(struct options *options, char *word)
{
	char *value = strchr(word, '=');

	if (value == NULL)
		die("an option is key=value");
	*value++ = '\0';
	if (strcmp(word, "proxy") == 0)
		options->proxy = (uint16_t)number(value, UINT16_MAX);
	else if (strcmp(word, "target") == 0)
		options->target = (uint16_t)number(value, UINT16_MAX);
	else if (strcmp(word, "total") == 0)
		options->total = (uint32_t)number(value, TOTAL_MAX);
	else if (strcmp(word, "at-once") == 0)
		options->at_once = (uint32_t)number(value, AT_ONCE_MAX);
	else if (strcmp(word, "bytes") == 0)
		options->bytes = number(value, 1ull << 40);
	else if (strcmp(word, "direction") == 0)
		options->up = strcmp(value, "up") == 0;
	else if (strcmp(word, "dialect") == 0)
		options->http = strcmp(value, "http") == 0;
	else if (strcmp(word, "size") == 0)
		options->size = (uint32_t)number(value, DATAGRAM_MAX);
	else if (strcmp(word, "window") == 0)
		options->window = (uint32_t)number(value, WINDOW_MAX);
	else if (strcmp(word, "user") == 0)
		options->user = value;
	else if (strcmp(word, "password") == 0)
		options->password = value;
	else if (strcmp(word, "seconds") == 0)
		options->seconds = (uint32_t)number(value, SECONDS_MAX);
	else
		die("unknown option");
}

static uint64_t number(const char *text, uint64_t max)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || value == 0 || value > max) {
		errno = 0;
		die("a number is out of range");
	}
	return value;
}

static void run_mode(const char *mode, const struct options *options)
{
	if (strcmp(mode, "connect") == 0)
		mode_connect(options);
	else if (strcmp(mode, "bulk") == 0)
		mode_bulk(options);
	else if (strcmp(mode, "echo") == 0)
		mode_echo(options);
	else if (strcmp(mode, "hold") == 0)
		mode_hold(options);
	else if (strcmp(mode, "stall") == 0)
		mode_stall(options);
	else if (strcmp(mode, "udp") == 0)
		mode_udp(options);
	else
		die("unknown mode");
}
