/* The system's crypt_r(3), found in libcrypt when the program runs: no build needs its header. */
#ifndef PICOSOCKS5_CRYPT_HASH_H
#define PICOSOCKS5_CRYPT_HASH_H

#include <stddef.h>

/*
 * Hashes a password (no NUL inside) by the method and salt of `setting`, into `hash`. 0, -ENOSYS without libcrypt,
 * -EINVAL for an unknown setting, -ERANGE, -ENOMEM. Any thread may call it.
 */
int crypt_hash(const char *password, const char *setting, char *hash, size_t hash_size);

#endif
