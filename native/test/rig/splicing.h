/* Wrappers of splice(2), pipe2(2) and fcntl(2), put in by the linker: they count, and fail where a test asks for it. */
#ifndef PICOSOCKS5_SPLICING_H
#define PICOSOCKS5_SPLICING_H

#include <stddef.h>

enum splice_end { INTO_PIPE, OUT_OF_PIPE, SPLICE_ENDS };

/* From now on each call that goes that way fails with `error`, `times` times; 0 ends it. */
void splicing_fails(enum splice_end end, int error, int times);

/* Pipes cannot be opened because of `error`, 0: they can. */
void pipes_fail(int error);

/* Pipes get no larger than that; 0: as large as the system gives. */
void pipes_limit(int size);

/* The size of the pipe that was made largest since the last pipes_limit(). */
int pipes_largest(void);

/* Bytes that were spliced out of that socket since the last splicing_forget(). */
size_t spliced_from(int socket);
void splicing_forget(void);

#endif
