/* The filter of system calls: what a confined daemon never calls is refused in each of its threads. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../unix/confine.h"
#include "../../unix/syscall_filter.h"
#include "../rig/checks.h"
#include "confined.h"

static bool fails_with(long status, int error)
{
	return status < 0 && errno == error;
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

static void refuses_calls_in_every_thread(void)
{
	CHECK(in_child(refuses_calls) == 0);
#ifdef __x86_64__
	CHECK(in_child(other_numbers) == 1000 + SIGSYS);
	int killed = in_child(other_processor);
	CHECK(killed == 1000 + SIGSYS || killed == 1000 + SIGSEGV);
#endif
}

void test_filter(void)
{
	RUN(refuses_calls_in_every_thread());
}
