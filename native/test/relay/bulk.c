/* See bulk.h. */
#include "bulk.h"

#include <sys/socket.h>

void bulk_start(struct bulk *bulk, struct relay_limits limits)
{
	bulk->pipe_ends = open_pipe_ends();
	rig_open(&bulk->rig, 1);
	rig_relay(&bulk->rig, &bulk->session, limits);
	bulk->up = flow_up(&bulk->session);
	bulk->down = flow_down(&bulk->session);
}

void bulk_finish(struct bulk *bulk)
{
	flow_take_all(&bulk->rig, &bulk->up);
	flow_take_all(&bulk->rig, &bulk->down);
	shutdown(bulk->session.client_fd, SHUT_WR);
	shutdown(bulk->session.target_fd, SHUT_WR);
	const struct entry *ended = rig_wait(&bulk->rig, RECORD_RELAY_ENDED, bulk->session.client);
	CHECK(ended != NULL && ended->record.moved[CLIENT] == (double)bulk->up.sent);
	CHECK(ended != NULL && ended->record.moved[TARGET] == (double)bulk->down.sent);
}

void bulk_stop(struct bulk *bulk)
{
	close_both(&bulk->session);
	rig_close(&bulk->rig);
	CHECK(open_pipe_ends() == bulk->pipe_ends);
}
