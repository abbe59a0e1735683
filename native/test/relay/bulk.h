/* One session with bulk in both directions, whose pipes are counted. */
#ifndef PICOSOCKS5_BULK_H
#define PICOSOCKS5_BULK_H

#include "../rig/flow.h"

struct bulk {
	struct rig rig;
	struct session session;
	struct flow up, down;
	int pipe_ends; /* open before it started */
};

void bulk_start(struct bulk *bulk, struct relay_limits limits);

/* Ends both directions: everything arrives, and is counted. */
void bulk_finish(struct bulk *bulk);

/* Closes what bulk_start() opened: no pipe is left. */
void bulk_stop(struct bulk *bulk);

#endif
