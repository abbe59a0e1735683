/* Confinement: each test confines a child, with a thread that was there before, one that is born while the
 * others are asked, and one that comes later. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unix/confine.h"
#include "../unix/syscall_filter.h"
#include "../unix/threads.h"
#include "harness.h"

#define OLD_THREADS 8
#define NOBODY 65534

static int tasks;
static atomic_bool begun, over;

static int in_child(int (*what)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		tasks = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		_exit(what());
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

/* Says on standard error what does not hold: a child has no other way to tell. */
#define HOLDS(condition) holds(condition, #condition, __LINE__)
static atomic_int failures;

static void holds(bool condition, const char *text, int line)
{
	if (condition)
		return;
	fprintf(stderr, "confine_test.c:%d: %s (errno %d)\n", line, text, errno);
	atomic_fetch_add(&failures, 1);
}

static bool fails_with(long status, int error)
{
	return status < 0 && errno == error;
}

static void *wait_then(void *act)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	atomic_store(&begun, true);
	while (!atomic_load(&over))
		usleep(1000);
	((void (*)(void))act)();
	return NULL;
}

/* Makes threads without end, so that some are born while others are asked. */
static void *breed(void *act)
{
	pthread_t child;

	if (!atomic_load(&over) && pthread_create(&child, NULL, breed, act) == 0) {
		pthread_join(child, NULL);
	}
	((void (*)(void))act)();
	return NULL;
}

/* Confines, then lets every kind of thread do `act`. */
static int everywhere(int (*confine)(void), void (*act)(void))
{
	pthread_t old[OLD_THREADS], breeder, late;
	const struct timespec moment = { .tv_nsec = 2000000 };

	for (int at = 0; at < OLD_THREADS; at++)
		pthread_create(&old[at], NULL, wait_then, (void *)act);
	while (!atomic_load(&begun))
		usleep(1000);
	pthread_create(&breeder, NULL, breed, (void *)act);
	nanosleep(&moment, NULL);
	HOLDS(confine() == 0);
	atomic_store(&over, true);
	act();
	HOLDS(pthread_create(&late, NULL, wait_then, (void *)act) == 0);
	pthread_join(late, NULL);
	pthread_join(breeder, NULL);
	for (int at = 0; at < OLD_THREADS; at++)
		pthread_join(old[at], NULL);
	return atomic_load(&failures);
}

static int filter_calls(void)
{
	int status = confine_no_new_privs(tasks);

	return status < 0 ? status : syscallfilter_install();
}

static void try_calls(void)
{
	char *const none[] = { NULL };
	int flags = SIGCHLD;

	HOLDS(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	HOLDS(fails_with(execve("/bin/true", none, none), EPERM));
	HOLDS(fails_with(syscall(SYS_execveat, AT_FDCWD, "/bin/true", none, none, 0), EPERM));
	HOLDS(fails_with(syscall(SYS_clone, flags, 0, 0, 0, 0), EPERM));
	HOLDS(fails_with(syscall(SYS_clone, CLONE_NEWUSER | flags, 0, 0, 0, 0), EPERM));
	HOLDS(fails_with(syscall(435 /* clone3 */, NULL, 0), ENOSYS));
	HOLDS(fails_with(ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM));
	HOLDS(fails_with(syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0), EPERM));
	HOLDS(fails_with(syscall(SYS_bpf, 0, NULL, 0), EPERM));
	HOLDS(fails_with(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0), EPERM));
	HOLDS(fails_with(syscall(SYS_userfaultfd, 0), EPERM));
	HOLDS(fails_with(syscall(425 /* io_uring_setup */, 1, NULL), EPERM));
	HOLDS(fails_with(syscall(SYS_mount, NULL, NULL, NULL, 0, NULL), EPERM));
	HOLDS(fails_with(syscall(SYS_umount2, NULL, 0), EPERM));
	HOLDS(fails_with(syscall(SYS_unshare, CLONE_NEWUSER), EPERM));
	HOLDS(fails_with(syscall(SYS_setns, -1, 0), EPERM));
	HOLDS(fails_with(syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM));
	HOLDS(fails_with(syscall(SYS_init_module, NULL, 0, ""), EPERM));
	HOLDS(fails_with(syscall(SYS_reboot, 0, 0, 0, NULL), EPERM));
	HOLDS(fails_with(syscall(SYS_personality, 0x0040000), EPERM));
	HOLDS(syscall(SYS_personality, 0xffffffff) >= 0);
	HOLDS(fails_with(ioctl(0, TIOCSTI, "x"), EPERM));
	HOLDS(fails_with(socket(AF_PACKET, SOCK_RAW, 0), EAFNOSUPPORT));
	HOLDS(fails_with(socket(38 /* AF_ALG */, SOCK_SEQPACKET, 0), EAFNOSUPPORT));
	HOLDS(fails_with(socket(AF_NETLINK, SOCK_RAW, 12 /* netfilter */), EAFNOSUPPORT));
	const int families[] = { AF_INET, AF_INET6, AF_UNIX, AF_NETLINK };
	for (size_t at = 0; at < sizeof families / sizeof *families; at++) {
		int fd = socket(families[at], SOCK_DGRAM, 0);
		HOLDS(fd >= 0);
		close(fd);
	}
}

static int refuses_calls(void)
{
	return everywhere(filter_calls, try_calls);
}

#ifdef __x86_64__
static int other_numbers(void)
{
	if (filter_calls() < 0)
		return 1;
	syscall(0x40000000 | SYS_getpid);
	return 0;
}

static int other_processor(void)
{
	long number = 20; /* getpid of i386 */

	if (filter_calls() < 0)
		return 1;
	signal(SIGSEGV, SIG_DFL); /* what a kernel says that has no such calls */
	__asm__ volatile("int $0x80" : "+a"(number) : : "memory");
	return 0;
}
#endif

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

static void refuses_calls_in_every_thread(void)
{
	CHECK(in_child(refuses_calls) == 0);
#ifdef __x86_64__
	CHECK(in_child(other_numbers) == 1000 + SIGSYS);
	int killed = in_child(other_processor);
	CHECK(killed == 1000 + SIGSYS || killed == 1000 + SIGSEGV);
#endif
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
	RUN(refuses_calls_in_every_thread());
	RUN(limits_files_in_every_thread());
	RUN(empties_the_bounding_set_in_every_thread());
	RUN(tells_the_status_of_every_thread());
}
