/*
 * See syscall_filter.h, and docs/decisions/014-confinement.md for why it is a list of refused calls. The program
 * checks the processor, then calls whose arguments matter, then the list. For calls whose arguments do not matter
 * Linux remembers the answer and does not run the program again (since 5.11).
 */
#include "syscall_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define PROCESSOR AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define PROCESSOR AUDIT_ARCH_AARCH64
#endif

#ifndef PROCESSOR

int syscallfilter_install(void)
{
	return -ENOSYS;
}

#else

/* Calls younger than the headers of some systems have the same number on every processor. */
#ifndef __NR_io_uring_setup
#define __NR_io_uring_setup 425
#endif
#ifndef __NR_open_tree
#define __NR_open_tree 428
#define __NR_move_mount 429
#define __NR_fsopen 430
#define __NR_fsconfig 431
#define __NR_fsmount 432
#define __NR_fspick 433
#endif
#ifndef __NR_clone3
#define __NR_clone3 435
#endif
#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd 438
#endif
#ifndef __NR_process_madvise
#define __NR_process_madvise 440
#endif
#ifndef __NR_mount_setattr
#define __NR_mount_setattr 442
#endif
#ifndef __NR_quotactl_fd
#define __NR_quotactl_fd 443
#endif
#ifndef __NR_process_mrelease
#define __NR_process_mrelease 448
#endif
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr 467
#endif

/* EPERM for all of them. */
static const uint32_t refused[] = {
	/* other programs, and children: a daemon that serves starts none */
	__NR_execve, __NR_execveat,
#ifdef __NR_fork
	__NR_fork, __NR_vfork,
#endif
	/* memory and descriptors of other processes */
	__NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_process_madvise, __NR_process_mrelease,
	__NR_kcmp, __NR_pidfd_getfd,
	/* large interfaces of the kernel in which holes were found */
	__NR_bpf, __NR_perf_event_open, __NR_userfaultfd, __NR_io_uring_setup, __NR_keyctl, __NR_add_key,
	__NR_request_key, __NR_fanotify_init,
#ifdef __NR_lookup_dcookie
	__NR_lookup_dcookie,
#endif
	/* another view of the file system, or of the system */
	__NR_mount, __NR_umount2, __NR_pivot_root, __NR_chroot, __NR_open_tree, __NR_open_tree_attr, __NR_move_mount,
	__NR_fsopen, __NR_fsconfig, __NR_fsmount, __NR_fspick, __NR_mount_setattr, __NR_unshare, __NR_setns,
	/* files by handle: past every path */
	__NR_name_to_handle_at, __NR_open_by_handle_at,
	/* the machine */
	__NR_init_module, __NR_finit_module, __NR_delete_module, __NR_kexec_load, __NR_reboot, __NR_swapon,
	__NR_swapoff, __NR_settimeofday, __NR_clock_settime, __NR_clock_adjtime, __NR_adjtimex, __NR_acct,
	__NR_quotactl, __NR_quotactl_fd, __NR_sethostname, __NR_setdomainname, __NR_vhangup, __NR_syslog,
#ifdef __NR_nfsservctl
	__NR_nfsservctl,
#endif
#ifdef __NR_kexec_file_load
	__NR_kexec_file_load,
#endif
#ifdef __x86_64__
	__NR_iopl, __NR_ioperm, __NR_modify_ldt, __NR_uselib, __NR_ustat, __NR_sysfs, __NR__sysctl,
	__NR_create_module, __NR_get_kernel_syms, __NR_query_module,
#endif
};

#define NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* The lower half: all that the kernel reads of a flag, a number or an int. Both processors are little-endian. */
#define LOAD_ARGUMENT(index) LOAD(args[index])
/* Each continues with the next line, or skips the given number of lines. */
#define UNLESS_EQUAL(value, over) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (over))
#define UNLESS_ANY_BIT(bits, over) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, (over))
#define UNLESS_AT_LEAST(value, over) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (value), 0, (over))

#define X32_BIT 0x40000000u
#define PERSONALITY_QUERY 0xffffffffu
#define NETLINK_ROUTE 0

static const struct sock_filter first_part[] = {
	LOAD(arch),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROCESSOR, 1, 0),
	KILL, /* i386 or 32-bit ARM: other numbers, and no part of Node.js */
	LOAD(nr),
#ifdef __x86_64__
	UNLESS_AT_LEAST(X32_BIT, 1),
	KILL,
#endif
	/* Its flags are in memory, which a filter cannot read; libc then takes clone(). */
	UNLESS_EQUAL(__NR_clone3, 1),
	REFUSE(ENOSYS),
	/* Threads, and neither processes nor namespaces. */
	UNLESS_EQUAL(__NR_clone, 6),
	LOAD_ARGUMENT(0),
	UNLESS_ANY_BIT(NAMESPACES, 1),
	REFUSE(EPERM),
	UNLESS_ANY_BIT(CLONE_THREAD, 1),
	ALLOW,
	REFUSE(EPERM),
	/* Only the families of sockets in use. */
	UNLESS_EQUAL(__NR_socket, 12),
	LOAD_ARGUMENT(0),
	UNLESS_EQUAL(AF_INET, 1),
	ALLOW,
	UNLESS_EQUAL(AF_INET6, 1),
	ALLOW,
	UNLESS_EQUAL(AF_UNIX, 1),
	ALLOW,
	UNLESS_EQUAL(AF_NETLINK, 3),
	LOAD_ARGUMENT(2),
	UNLESS_EQUAL(NETLINK_ROUTE, 1),
	ALLOW,
	REFUSE(EAFNOSUPPORT),
	/* Typing on the controlling terminal of the program that has started us. */
	UNLESS_EQUAL(__NR_ioctl, 6),
	LOAD_ARGUMENT(1),
	UNLESS_EQUAL(TIOCSTI, 1),
	REFUSE(EPERM),
	UNLESS_EQUAL(TIOCLINUX, 1),
	REFUSE(EPERM),
	ALLOW,
	UNLESS_EQUAL(__NR_personality, 4),
	LOAD_ARGUMENT(0),
	UNLESS_EQUAL(PERSONALITY_QUERY, 1),
	ALLOW,
	REFUSE(EPERM),
};

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define SIZE (COUNT(first_part) + 2 * COUNT(refused) + 1)

static void make_program(struct sock_filter *program)
{
	for (size_t at = 0; at < COUNT(first_part); at++)
		*program++ = first_part[at];
	for (size_t at = 0; at < COUNT(refused); at++) {
		*program++ = (struct sock_filter)UNLESS_EQUAL(refused[at], 1);
		*program++ = (struct sock_filter)REFUSE(EPERM);
	}
	*program = (struct sock_filter)ALLOW;
}

int syscallfilter_install(void)
{
	struct sock_filter program[SIZE];
	const struct sock_fprog filter = { SIZE, program };
	unsigned flags = SECCOMP_FILTER_FLAG_TSYNC;

	make_program(program);
	/*
	 * All code here is ours: the mitigation of speculation before Linux 5.16 costs a third of the speed and gains
	 * nothing.
	 */
	long status = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter);
	if (status < 0 && errno == EINVAL)
		status = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
	if (status < 0)
		return -errno;
	return status > 0 ? -ECANCELED : 0;
}

#endif
