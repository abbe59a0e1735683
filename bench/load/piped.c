/* How many bytes wait in pipes of other programs, by their names in /proc: what a proxy that splices holds is not in its memory. */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* `paths` are /proc/PID/fd/N, one for each pipe; one that has been closed in the meantime holds nothing. */
void mode_piped(char **paths)
{
	unsigned long long bytes = 0;

	for (; *paths != NULL; paths++) {
		int fd = open(*paths, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		int waiting = 0;

		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0 || ioctl(fd, FIONREAD, &waiting) < 0)
			die("cannot look into a pipe");
		bytes += (unsigned long long)waiting;
		close(fd);
	}
	printf("{\"bytes\":%llu}\n", bytes);
}
