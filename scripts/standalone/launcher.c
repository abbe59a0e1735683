/*
 * Starts the program that it is called as with the Node.js beside it: what the scripts in bin/ do, where there is no shell. It is
 * found by the name that the kernel was given, so that /proc is not needed, and a link to it will do.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* sysexits(3): the system lacks what was needed to start. */
#define EX_OSERR 71

/* In front of the arguments: node, four options of it, start.cjs, the module, "--as", the name, "--". */
#define OWN_ARGUMENTS 10

static int fail(const char *program, const char *what)
{
	fprintf(stderr, "%s: cannot start %s: %s\n", program, what, strerror(errno));
	return EX_OSERR;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* The programs whose command lines are understood (docs/drop-in.md). */
static int is_drop_in(const char *name)
{
	static const char *const names[] = { "microsocks", "osocks", "simplesocks5", "srelay" };

	for (size_t at = 0; at < sizeof names / sizeof *names; at++)
		if (strcmp(name, names[at]) == 0)
			return 1;
	return 0;
}

static int limits_heap(void)
{
	const char *options = getenv("NODE_OPTIONS");

	return options != NULL && (strstr(options, "max-old-space-size") != NULL || strstr(options, "max_old_space_size") != NULL);
}

/* Options of Node.js as bin/picosocks5 has them, which says why; returns how many. */
static int daemon_options(char **words, const char *name)
{
	static char title[64];
	int count = 0;

	words[count++] = "--max-semi-space-size=2";
	words[count++] = "--max-inlined-bytecode-size-cumulative=400";
	if (!limits_heap())
		words[count++] = "--max-old-space-size=2048";
	if (is_drop_in(name)) {
		snprintf(title, sizeof title, "--title=%s", name);
		words[count++] = title;
	}
	setenv("UV_THREADPOOL_SIZE", "8", 0);
	return count;
}

int main(int argc, char **argv)
{
	char here[PATH_MAX], node[PATH_MAX + 16], start[PATH_MAX + 16];
	char *called = (char *)getauxval(AT_EXECFN);
	char **words = calloc((size_t)argc + OWN_ARGUMENTS + 1, sizeof *words);
	int count = 0;

	if (words == NULL || called == NULL || realpath(called, here) == NULL)
		return fail(base_of(argv[0]), called == NULL ? "itself" : called);
	const char *program = strdup(base_of(here));
	char *name = (char *)base_of(called);
	int is_daemon = program != NULL && strcmp(program, "picosocks5") == 0;
	*strrchr(here, '/') = '\0';
	snprintf(node, sizeof node, "%s/node", here);
	snprintf(start, sizeof start, "%s/start.cjs", here);

	words[count++] = node;
	if (is_daemon)
		count += daemon_options(words + count, name);
	words[count++] = start;
	words[count++] = is_daemon ? "main" : (char *)program;
	if (is_daemon && is_drop_in(name)) {
		words[count++] = "--as";
		words[count++] = name;
		words[count++] = "--";
	}
	for (int at = 1; at < argc; at++)
		words[count++] = argv[at];
	execv(node, words);
	return fail(name, node);
}
