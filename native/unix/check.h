/* How failures travel: every function that can fail returns 0 (or a count or handle) or -errno. */
#ifndef PICOSOCKS5_CHECK_H
#define PICOSOCKS5_CHECK_H

/* Leaves the function with the status of `call` if that is a failure. */
#define TRY(call)                        \
	do {                             \
		int status_ = (call);    \
		if (status_ < 0)         \
			return status_;  \
	} while (0)

#endif
