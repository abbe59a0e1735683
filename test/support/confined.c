/*
 * Loaded into a daemon (LD_PRELOAD) as an intruder's code would be: at each byte in PROBE_FOLDER/ask it tries what a confined
 * daemon must be refused, in the main thread, in a thread that is older than the confinement, and in a new one. In
 * PROBE_FOLDER/answer it says `THREAD ATTEMPT ERRNO` for each (0: it worked), and `end`.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int asking, answering;
static const char *folder;
static sem_t tried;

static void tell(const char *thread, const char *attempt, long status)
{
	dprintf(answering, "%s %s %d\n", thread, attempt, status < 0 ? errno : 0);
}

static void try_file(const char *thread, const char *attempt, const char *path, int flags)
{
	char whole[256];

	snprintf(whole, sizeof whole, "%s/%s", path[0] == '/' ? "" : folder, path);
	int fd = open(whole, flags | O_CLOEXEC, 0600);
	tell(thread, attempt, fd);
	if (fd >= 0)
		close(fd);
}

static void try_all(const char *thread)
{
	char *const none[] = { NULL };

	tell(thread, "execve", execve("/nonexistent", none, none));
	long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (child == 0)
		_exit(0);
	tell(thread, "fork", child);
	tell(thread, "ptrace", ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
	tell(thread, "process_vm_readv", syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0));
	tell(thread, "unshare", unshare(CLONE_NEWUSER));
	tell(thread, "mount", syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, NULL));
	tell(thread, "bpf", syscall(SYS_bpf, 0, NULL, 0));
	tell(thread, "userfaultfd", syscall(SYS_userfaultfd, 0));
	tell(thread, "io_uring_setup", syscall(425, 1, NULL));
	tell(thread, "keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
	tell(thread, "packets", socket(AF_PACKET, SOCK_DGRAM, 0));
	try_file(thread, "read-outside", "outside/secret", O_RDONLY);
	try_file(thread, "write-outside", "outside/secret", O_WRONLY);
	try_file(thread, "make-outside", "outside/new", O_WRONLY | O_CREAT);
	try_file(thread, "make-in-tmp", "/tmp/picosocks5-confined-probe", O_WRONLY | O_CREAT);
	try_file(thread, "write-state", "state/probe", O_RDWR | O_CREAT);
	try_file(thread, "read-system", "/etc/passwd", O_RDONLY);
	tell(thread, "local-socket", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static void in_main_thread(int number)
{
	int saved = errno;

	(void)number;
	try_all("main");
	errno = saved;
	sem_post(&tried);
}

static void *in_new_thread(void *nothing)
{
	try_all("new");
	return nothing;
}

static void *answer(void *nothing)
{
	char byte;
	pthread_t thread;

	while (read(asking, &byte, 1) == 1) {
		try_all("old");
		if (pthread_create(&thread, NULL, in_new_thread, NULL) == 0)
			pthread_join(thread, NULL);
		syscall(SYS_tgkill, getpid(), getpid(), SIGPWR);
		while (sem_wait(&tried) < 0)
			;
		dprintf(answering, "end\n");
	}
	return nothing;
}

static int open_pipe(const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return open(path, O_RDWR | O_CLOEXEC);
}

__attribute__((constructor)) static void begin(void)
{
	const struct sigaction action = { .sa_handler = in_main_thread, .sa_flags = SA_RESTART };
	pthread_t thread;

	folder = getenv("PROBE_FOLDER");
	if (folder == NULL)
		return;
	asking = open_pipe("ask");
	answering = open_pipe("answer");
	sem_init(&tried, 0, 0);
	sigaction(SIGPWR, &action, NULL);
	pthread_create(&thread, NULL, answer, NULL);
}
