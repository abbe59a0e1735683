/*
 * See jail.h. The filter is a list of calls that are allowed: the program is small, and what is not on it fails with EPERM. There is
 * no socket, no other program, and nothing of other processes.
 */
#include "jail.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define PROCESSOR AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define PROCESSOR AUDIT_ARCH_AARCH64
#endif

#define MEMORY_MOST (256ul * 1024 * 1024)
#define DESCRIPTORS_MOST 32
/* The replay cache grows with the tickets of five minutes. */
#define FILE_MOST (64ul * 1024 * 1024)

int jail_drop(uid_t uid, gid_t gid)
{
	if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0))
		return -errno;
	/* An account was given, so it must not stay root. */
	if (uid != 0 && (geteuid() == 0 || setuid(0) == 0))
		return -EPERM;
	return 0;
}

static int limit(int resource, rlim_t most)
{
	struct rlimit now, next = { most, most };

	if (getrlimit(resource, &now) < 0)
		return -errno;
	if (now.rlim_max < most)
		next.rlim_cur = next.rlim_max = now.rlim_max;
	return setrlimit(resource, &next) < 0 ? -errno : 0;
}

#ifdef PROCESSOR

static const uint32_t allowed[] = {
	/* the channel, the replay cache, the files of Kerberos */
	__NR_read, __NR_write, __NR_readv, __NR_writev, __NR_pread64, __NR_pwrite64, __NR_openat, __NR_close, __NR_lseek,
	__NR_fstat, __NR_newfstatat, __NR_statx, __NR_faccessat, __NR_readlinkat, __NR_getdents64, __NR_getcwd, __NR_fcntl,
	__NR_flock, __NR_ftruncate, __NR_fchmod, __NR_fsync, __NR_umask, __NR_dup,
#ifdef __x86_64__
	__NR_open, __NR_stat, __NR_lstat, __NR_access, __NR_readlink, __NR_fork, __NR_time, __NR_poll, __NR_arch_prctl,
#endif
#ifdef __NR_faccessat2
	__NR_faccessat2,
#endif
	/* memory, and threads of libraries */
	__NR_mmap, __NR_munmap, __NR_mprotect, __NR_mremap, __NR_madvise, __NR_brk, __NR_futex, __NR_set_robust_list,
	__NR_sched_yield, __NR_getrandom,
#ifdef __NR_rseq
	__NR_rseq,
#endif
	/* itself, the time */
	__NR_getpid, __NR_gettid, __NR_getppid, __NR_getuid, __NR_geteuid, __NR_getgid, __NR_getegid, __NR_uname,
	__NR_clock_gettime, __NR_clock_getres, __NR_gettimeofday, __NR_sysinfo, __NR_prlimit64, __NR_ppoll,
	/* the readers */
	__NR_clone, __NR_wait4, __NR_kill, __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_rt_sigtimedwait,
	__NR_restart_syscall, __NR_prctl, __NR_seccomp, __NR_exit, __NR_exit_group,
};

static const uint32_t refused_to_reader[] = {
	__NR_clone, __NR_kill, __NR_wait4,
#ifdef __NR_fork
	__NR_fork,
#endif
};

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define UNLESS_EQUAL(value, over) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (over))

#define HEAD 4
#define LARGEST (HEAD + 2 * COUNT(allowed) + 1)

/* The calls of `list` give `inside`, all others `outside`. */
static int install(const uint32_t *list, size_t count, uint32_t inside, uint32_t outside)
{
	struct sock_filter program[LARGEST] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROCESSOR, 1, 0),
		RETURN(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
	};
	struct sock_filter *next = program + HEAD;

	for (size_t at = 0; at < count; at++) {
		*next++ = (struct sock_filter)UNLESS_EQUAL(list[at], 1);
		*next++ = (struct sock_filter)RETURN(inside);
	}
	*next++ = (struct sock_filter)RETURN(outside);
	const struct sock_fprog filter = { (unsigned short)(next - program), program };
	return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0 ? -errno : 0;
}

static int filter_calls(void)
{
	return install(allowed, COUNT(allowed), SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM);
}

int jail_close_reader(void)
{
	return install(refused_to_reader, COUNT(refused_to_reader), SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ALLOW);
}

#else

static int filter_calls(void)
{
	return 0;
}

int jail_close_reader(void)
{
	return 0;
}

#endif

int jail_close(void)
{
	int status;

	if ((status = limit(RLIMIT_AS, MEMORY_MOST)) < 0 || (status = limit(RLIMIT_NOFILE, DESCRIPTORS_MOST)) < 0 ||
	    (status = limit(RLIMIT_FSIZE, FILE_MOST)) < 0 || (status = limit(RLIMIT_CORE, 0)) < 0)
		return status;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return filter_calls();
}
