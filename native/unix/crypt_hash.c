/* See crypt_hash.h. */
#include "crypt_hash.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* struct crypt_data is 32 KiB in libxcrypt and 128 KiB in old glibc. */
#define CRYPT_DATA_SIZE (256 * 1024)

typedef char *crypt_function(const char *password, const char *setting, void *data);

static crypt_function *crypt_r_function;
static pthread_once_t loaded = PTHREAD_ONCE_INIT;

static void load(void)
{
	static const char *const names[] = { "libcrypt.so.1", "libcrypt.so.2", "libcrypt.so" };

	for (size_t at = 0; at < sizeof names / sizeof *names && crypt_r_function == NULL; at++) {
		void *library = dlopen(names[at], RTLD_NOW | RTLD_LOCAL);
		if (library != NULL)
			*(void **)&crypt_r_function = dlsym(library, "crypt_r");
	}
}

static int copy_hash(const char *result, char *hash, size_t hash_size)
{
	/* libxcrypt says "*0" or "*1" for failure, glibc NULL. */
	if (result == NULL || result[0] == '*')
		return -EINVAL;
	if (strlen(result) >= hash_size)
		return -ERANGE;
	memcpy(hash, result, strlen(result) + 1);
	return 0;
}

int crypt_hash(const char *password, const char *setting, char *hash, size_t hash_size)
{
	pthread_once(&loaded, load);
	if (crypt_r_function == NULL)
		return -ENOSYS;
	void *data = calloc(1, CRYPT_DATA_SIZE);
	if (data == NULL)
		return -ENOMEM;
	int status = copy_hash(crypt_r_function(password, setting, data), hash, hash_size);
	explicit_bzero(data, CRYPT_DATA_SIZE);
	free(data);
	return status;
}
