/* The calls of JavaScript for listeners and for legs in a handshake, see engine.h. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unix/check.h"
#include "../unix/departure.h"
#include "engine_state.h"

int engine_enter(struct engine *engine, int fd, enum leg_state state, uint32_t events)
{
	TRY(fd);
	struct leg *leg = legs_take(&engine->legs, fd, state);
	if (leg == NULL) {
		close(fd);
		return -ENOMEM;
	}
	int status = engine_watch(engine, leg, events);
	if (status < 0) {
		engine_drop(engine, leg, CLOSE_FIN);
		return status;
	}
	return (int)leg->handle;
}

/* `fd` may be a -errno, which is passed on. */
static int enter_listener(struct engine *engine, int fd, bool defer)
{
	int handle = engine_enter(engine, fd, LEG_LISTENING, engine->accept_paused ? 0 : EPOLLIN);

	TRY(handle);
	struct leg *leg = legs_find(&engine->legs, (uint32_t)handle);
	leg->speaks_first = defer;
	leg->next = engine->listeners;
	engine->listeners = leg;
	return handle;
}

int engine_listen(struct engine *engine, const union address *address, bool defer)
{
	return enter_listener(engine, socket_listen(address, defer, &engine->outgoing), defer);
}

int engine_listen_on(struct engine *engine, int fd, bool defer)
{
	int status = socket_adopt_listener(fd, defer, engine->outgoing.keepalive_s);

	if (status == 0)
		return enter_listener(engine, fd, defer);
	close(fd);
	return status;
}

int engine_listen_unix(struct engine *engine, int fd, bool defer)
{
	int status = socket_adopt_unix_listener(fd);

	if (status == 0)
		return enter_listener(engine, fd, defer);
	close(fd);
	return status;
}

int engine_departure(const struct engine *engine, const union address *to, const struct socket_marks *marks,
		     enum socket_option *failed, union address *local)
{
	struct socket_options options = socket_options_with(&engine->outgoing, marks);

	return departure_ask(to, &options, failed, local);
}

int engine_dial(struct engine *engine, const union address *to, const union address *from,
		const struct socket_marks *marks, enum socket_option *failed)
{
	struct socket_options options = socket_options_with(&engine->outgoing, marks);
	int fd = socket_connect(to, from, &options, failed);
	int handle = engine_enter(engine, fd, LEG_CONNECTING, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET);

	TRY(handle);
	legs_find(&engine->legs, (uint32_t)handle)->dialled = true;
	return handle;
}

int engine_find(const struct engine *engine, uint32_t handle, enum leg_state state, struct leg **leg)
{
	*leg = legs_find(&engine->legs, handle);
	if (*leg == NULL)
		return -EBADF;
	return (*leg)->state == state ? 0 : -EINVAL;
}

int engine_descriptor(struct engine *engine, uint32_t handle)
{
	struct leg *leg;

	TRY(engine_find(engine, handle, LEG_LISTENING, &leg));
	return leg->fd;
}

int engine_local(struct engine *engine, uint32_t handle, union address *address)
{
	struct leg *leg = legs_find(&engine->legs, handle);

	if (leg == NULL)
		return -EBADF;
	/* The descriptor of a relayed leg belongs to another thread. */
	return leg->state == LEG_RELAYED ? -EINVAL : socket_local(leg->fd, address);
}

int engine_read(struct engine *engine, uint32_t handle)
{
	struct leg *leg;

	TRY(engine_find(engine, handle, LEG_OPEN, &leg));
	int size = engine_receive(leg, engine->shared->scratch, ENGINE_SCRATCH_SIZE);
	leg->wants_read = size == ENGINE_WAIT;
	return size;
}

int engine_write(struct engine *engine, uint32_t handle, const uint8_t *bytes, size_t size)
{
	struct leg *leg;

	TRY(engine_find(engine, handle, LEG_OPEN, &leg));
	int status = leg_send(engine->loop.epoll, leg, bytes, size);
	leg->broken |= status < 0;
	return status < 0 ? status : (int)leg_waiting(leg);
}

int engine_finish(struct engine *engine, uint32_t handle)
{
	struct leg *leg;

	TRY(engine_find(engine, handle, LEG_OPEN, &leg));
	leg->finishing = true;
	engine_send_fin(leg);
	return 0;
}

int engine_detach(struct engine *engine, uint32_t handle)
{
	struct leg *leg;

	TRY(engine_find(engine, handle, LEG_OPEN, &leg));
	if (leg->rest != NULL)
		return -EBUSY;
	int fd = leg->fd;
	if (epoll_ctl(engine->loop.epoll, EPOLL_CTL_DEL, fd, NULL) < 0)
		return -errno;
	leg->fd = -1;
	legs_give_back(&engine->legs, leg);
	return fd;
}

static void close_listener(struct engine *engine, struct leg *leg)
{
	struct leg **link = &engine->listeners;

	while (*link != leg)
		link = &(*link)->next;
	*link = leg->next;
	/* Closing alone would leave it in the set while another process has a copy, and wake us for its clients. */
	epoll_ctl(engine->loop.epoll, EPOLL_CTL_DEL, leg->fd, NULL);
	engine_drop(engine, leg, CLOSE_FIN);
}

int engine_close_leg(struct engine *engine, uint32_t handle, enum close_how how)
{
	struct leg *leg = legs_find(&engine->legs, handle);

	if (leg == NULL)
		return -EBADF;
	if (leg->state == LEG_RELAYED || leg->state == LEG_LINGERING)
		return -EINVAL;
	if (leg->state == LEG_LISTENING)
		close_listener(engine, leg);
	else if (leg->state == LEG_OPEN && how == CLOSE_FIN)
		engine_linger(engine, leg);
	else
		engine_drop(engine, leg, how);
	return 0;
}
