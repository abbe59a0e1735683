/* See confine.h. Headers of Linux before 5.13 know nothing of Landlock, so its numbers stand here. */
#include "confine.h"

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "threads.h"

/* The same on every architecture. */
#define CALL_CREATE_RULESET 444
#define CALL_ADD_RULE 445
#define CALL_RESTRICT_SELF 446

#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1

#define WRITE_FILE (1ull << 1)
#define READ_FILE (1ull << 2)
#define READ_DIR (1ull << 3)
#define REMOVE_FILE (1ull << 5)
#define MAKE_REG (1ull << 8)
#define MAKE_SOCK (1ull << 9)
#define TRUNCATE (1ull << 14)

/* The rights that a rule about a single file may name; the others need a folder. */
#define OF_FILES (WRITE_FILE | READ_FILE | TRUNCATE)

#define RIGHTS_OF_ABI_1 ((1ull << 13) - 1) /* executing to making symbolic links */
#define REFER (1ull << 13) /* moving to another folder, from version 2 */
#define IOCTL_DEV (1ull << 15) /* from version 5 */

struct ruleset_rights {
	uint64_t files;
};

struct path_beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

IN_EVERY_THREAD static int drop_bounding_set(const void *nothing)
{
	long has;

	(void)nothing;
	for (unsigned long capability = 0; (has = syscall(SYS_prctl, PR_CAPBSET_READ, capability, 0, 0, 0)) >= 0; capability++)
		if (has > 0 && syscall(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return -errno;
	return 0;
}

int confine_bounding_set(int tasks)
{
	return threads_each(tasks, drop_bounding_set, NULL);
}

IN_EVERY_THREAD static int forbid_new_privs(const void *nothing)
{
	(void)nothing;
	return syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int confine_no_new_privs(int tasks)
{
	return threads_each(tasks, forbid_new_privs, NULL);
}

/* The rights that this kernel's version of Landlock can restrict. */
static int watched(uint64_t *rights)
{
	long version = syscall(CALL_CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);

	if (version < 0)
		return -errno;
	*rights = RIGHTS_OF_ABI_1 | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) |
	          (version >= 5 ? IOCTL_DEV : 0);
	return 0;
}

int confine_ruleset(void)
{
	struct ruleset_rights handled = { 0 };
	int status = watched(&handled.files);

	if (status < 0)
		return status;
	long ruleset = syscall(CALL_CREATE_RULESET, &handled, sizeof handled, 0);
	return ruleset < 0 ? -errno : (int)ruleset;
}

static uint64_t rights_of(enum confine_kind kind)
{
	switch (kind) {
	case CONFINE_READ:
		return READ_FILE | READ_DIR;
	case CONFINE_REPLACE:
		return READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | MAKE_REG | REMOVE_FILE;
	case CONFINE_NAME:
		return MAKE_SOCK | REMOVE_FILE;
	case CONFINE_DEVICE:
		return READ_FILE | WRITE_FILE;
	}
	return 0;
}

int confine_allow(int ruleset, int where, enum confine_kind kind)
{
	struct path_beneath rule = { .allowed = rights_of(kind), .parent = where };
	struct stat there;
	uint64_t handled = 0;
	int status = watched(&handled);

	if (status < 0)
		return status;
	if (fstat(where, &there) < 0)
		return -errno;
	rule.allowed &= handled & (S_ISDIR(there.st_mode) ? ~0ull : OF_FILES);
	if (rule.allowed == 0)
		return -EINVAL;
	return syscall(CALL_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) < 0 ? -errno : 0;
}

IN_EVERY_THREAD static int restrict_self(const void *ruleset)
{
	return syscall(CALL_RESTRICT_SELF, *(const int *)ruleset, 0) < 0 ? -errno : 0;
}

int confine_files(int ruleset, int tasks)
{
	return threads_each(tasks, restrict_self, &ruleset);
}
