/* Files, capabilities and the status of a confined process, in each of its threads. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../unix/confine.h"
#include "../../unix/threads.h"
#include "../rig/checks.h"
#include "confined.h"

#define NOBODY 65534

static char folder[64];

static int rule(int ruleset, const char *path, enum confine_kind kind)
{
	int where = open(path, O_PATH | O_CLOEXEC);
	int status = where < 0 ? -errno : confine_allow(ruleset, where, kind);

	close(where);
	return status;
}

static int limit_files(void)
{
	char path[96];
	int ruleset = confine_ruleset();
	int status = confine_no_new_privs(tasks);

	HOLDS(ruleset >= 0 && status == 0);
	snprintf(path, sizeof path, "%s/read", folder);
	HOLDS(rule(ruleset, path, CONFINE_READ) == 0);
	snprintf(path, sizeof path, "%s/write", folder);
	HOLDS(rule(ruleset, path, CONFINE_REPLACE) == 0);
	snprintf(path, sizeof path, "%s/name", folder);
	HOLDS(rule(ruleset, path, CONFINE_NAME) == 0);
	HOLDS(rule(ruleset, "/dev/null", CONFINE_DEVICE) == 0);
	HOLDS(rule(ruleset, "/dev/null", CONFINE_NAME) == -EINVAL);
	HOLDS(confine_allow(ruleset, tasks, CONFINE_READ) == 0);
	status = confine_files(ruleset, tasks);
	close(ruleset);
	return status;
}

/* errno of an attempt, 0 where it works; `path` is below the folder unless it begins with a slash. */
static int attempt(const char *path, int flags)
{
	char whole[128];

	snprintf(whole, sizeof whole, "%s%s%s", path[0] == '/' ? "" : folder, path[0] == '/' ? "" : "/", path);
	int fd = open(whole, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int attempt_unlink(const char *path)
{
	char whole[128];

	snprintf(whole, sizeof whole, "%s/%s", folder, path);
	return unlink(whole) < 0 ? errno : 0;
}

static void try_files(void)
{
	char name[64];
	static atomic_int number;

	HOLDS(attempt("read/file", O_RDONLY) == 0);
	HOLDS(attempt("read/file", O_WRONLY) == EACCES);
	HOLDS(attempt("read/new", O_WRONLY | O_CREAT) == EACCES);
	HOLDS(attempt("else/file", O_RDONLY) == EACCES);
	HOLDS(attempt("/etc/passwd", O_RDONLY) == EACCES);
	HOLDS(attempt("/dev/null", O_RDWR) == 0);
	snprintf(name, sizeof name, "write/%d", atomic_fetch_add(&number, 1));
	HOLDS(attempt(name, O_RDWR | O_CREAT | O_TRUNC) == 0);
	HOLDS(attempt_unlink(name) == 0);
	HOLDS(attempt_unlink("read/file") == EACCES);
	HOLDS(attempt("name/file", O_RDONLY) == EACCES);
	HOLDS(attempt("name/new", O_WRONLY | O_CREAT) == EACCES);
}

static int limits_files(void)
{
	return everywhere(limit_files, try_files);
}

static void make_folder(void)
{
	const char *const files[] = { "read/file", "else/file", "name/file" };
	const char *const folders[] = { "read", "write", "else", "name" };
	char path[96];

	snprintf(folder, sizeof folder, "/tmp/picosocks5-confine-%d", (int)getpid());
	mkdir(folder, 0700);
	for (size_t at = 0; at < 4; at++) {
		snprintf(path, sizeof path, "%s/%s", folder, folders[at]);
		mkdir(path, 0700);
	}
	for (size_t at = 0; at < 3; at++)
		attempt(files[at], O_WRONLY | O_CREAT);
}

static void remove_folder(void)
{
	const char *const names[] = { "read/file", "else/file", "name/file", "read", "write", "else", "name", "" };
	char path[96];

	for (size_t at = 0; at < sizeof names / sizeof *names; at++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[at]);
		remove(path);
	}
}

static int empty_bounding_set(void)
{
	return confine_bounding_set(tasks);
}

static void try_bounding_set(void)
{
	for (unsigned long capability = 0; capability < 41; capability++)
		HOLDS(prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 0);
}

static int empties_bounding_set(void)
{
	return everywhere(empty_bounding_set, try_bounding_set);
}

static int refused_without_capability(void)
{
	if (setuid(NOBODY) < 0)
		return 1;
	return confine_bounding_set(tasks) == -EPERM ? 0 : 2;
}

static int count_of(const char *text, const char *word)
{
	int count = 0;

	for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
		count++;
	return count;
}

static void idle(void)
{
}

static int read_status(void)
{
	static char text[1 << 17];
	int size = threads_status(tasks, text, sizeof text - 1);

	text[size > 0 ? size : 0] = '\0';
	HOLDS(size > 0 && count_of(text, "NoNewPrivs:") >= OLD_THREADS + 1);
	HOLDS(threads_status(tasks, text, 100) == -ENOSPC);
	return 0;
}

static int tells_status(void)
{
	return everywhere(read_status, idle);
}

static void limits_files_in_every_thread(void)
{
	int ruleset = confine_ruleset();

	if (ruleset == -ENOSYS || ruleset == -EOPNOTSUPP)
		return;
	close(ruleset);
	make_folder();
	CHECK(in_child(limits_files) == 0);
	remove_folder();
}

static void empties_the_bounding_set_in_every_thread(void)
{
	if (geteuid() != 0)
		return;
	CHECK(in_child(empties_bounding_set) == 0);
	CHECK(in_child(refused_without_capability) == 0);
}

static void tells_the_status_of_every_thread(void)
{
	CHECK(in_child(tells_status) == 0);
}

void test_confine(void)
{
	RUN(limits_files_in_every_thread());
	RUN(empties_the_bounding_set_in_every_thread());
	RUN(tells_the_status_of_every_thread());
}
