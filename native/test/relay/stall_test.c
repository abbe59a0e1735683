/* Receivers that do not read: who is told of, what is held for them, and that nothing is lost. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "../rig/flow.h"

enum place { ON_ENGINE, ON_WORKER };

#define ROOM 8

/* Waits until `settled` holds for the engine's one session: false after 15 s. */
static bool survey_until(struct rig *rig, bool (*settled)(const struct stalled *, size_t), struct stalled *list, size_t *count)
{
	for (uint64_t until = clock_ms() + 15000; clock_ms() < until;) {
		*count = engine_survey(rig->engine, list, ROOM, 0);
		if (settled(list, *count))
			return true;
		rig_turn(rig, 10);
	}
	return false;
}

static bool is_one_old(const struct stalled *list, size_t count)
{
	return count == 1 && list[0].age_ms >= 300 && list[0].held_kib > 0;
}

static bool is_none(const struct stalled *list, size_t count)
{
	(void)list;
	return count == 0;
}

static void start(struct rig *rig, struct session *session, struct relay_limits limits, enum place place)
{
	rig_open(rig, 1);
	rig_relay(rig, session, limits);
	if (place == ON_WORKER)
		rig_chat(rig, session);
}

static void who_does_not_read_is_told_of(enum place place)
{
	struct rig rig;
	struct session session;
	struct stalled list[ROOM];
	size_t count = 0;

	start(&rig, &session, (struct relay_limits){ 0 }, place);
	struct flow flow = flow_down(&session);
	CHECK(engine_survey(rig.engine, list, ROOM, 1) == 0);
	flow_fill_up(&rig, &flow);
	CHECK(rig_wait(&rig, RECORD_CROWDED, -1) != NULL);
	CHECK(engine_stalled(rig.engine) == 1);
	CHECK(survey_until(&rig, is_one_old, list, &count));
	CHECK(count == 1 && list[0].handle == session.client);
	/* Sent bytes are in the sender's buffer, in the receiver's, or held. */
	CHECK((size_t)list[0].held_kib * 1024 < flow.sent + MIB);
	flow_take_all(&rig, &flow);
	CHECK(survey_until(&rig, is_none, list, &count));
	CHECK(engine_stalled(rig.engine) == 0);
	close_both(&session);
	rig_close(&rig);
}

static bool is_fresh(const struct stalled *list, size_t count)
{
	return count == 0 || list[0].age_ms < 200;
}

static void who_reads_slowly_stalls_anew(void)
{
	struct rig rig;
	struct session session;
	struct stalled list[ROOM];
	size_t count = 0;

	start(&rig, &session, (struct relay_limits){ 0 }, ON_WORKER);
	struct flow flow = flow_down(&session);
	flow_fill_up(&rig, &flow);
	CHECK(survey_until(&rig, is_one_old, list, &count));
	size_t enough = flow.got + 8 * STALL_TURNOVER;
	while (flow.got < enough && flow_sip(&flow) > 0)
		rig_turn(&rig, 0);
	CHECK(survey_until(&rig, is_fresh, list, &count));
	close_both(&session);
	rig_close(&rig);
}

static void an_ended_one_is_forgotten(enum place place)
{
	struct rig rig;
	struct session session;
	struct stalled list[ROOM];
	size_t count = 0;

	start(&rig, &session, (struct relay_limits){ 0 }, place);
	struct flow flow = flow_down(&session);
	flow_fill_up(&rig, &flow);
	CHECK(survey_until(&rig, is_one_old, list, &count));
	CHECK(engine_cut(rig.engine, session.client, CLOSE_RESET) == 0);
	check_ended(&rig, &session, BY_CUT);
	CHECK(survey_until(&rig, is_none, list, &count));
	CHECK(engine_stalled(rig.engine) == 0);
	close_both(&session);
	rig_close(&rig);
}

/* Bytes that are between two far ends of which one sends and the other does not read. */
static size_t capacity(struct relay_limits limits, enum place place)
{
	struct rig rig;
	struct session session;
	struct stalled list[ROOM];
	size_t count = 0;

	start(&rig, &session, limits, place);
	struct flow down = flow_down(&session), up = flow_up(&session);
	flow_fill_up(&rig, &down);
	CHECK(survey_until(&rig, is_one_old, list, &count));
	/* The other way goes on meanwhile. */
	flow_pour(&up, 1000);
	flow_take_all(&rig, &up);
	flow_take_all(&rig, &down);
	shutdown(session.target_fd, SHUT_WR);
	CHECK(rig_ending(&rig, session.client_fd) == 'f');
	close_both(&session);
	rig_close(&rig);
	return (size_t)list[0].held_kib * 1024;
}

static void a_lean_relay_holds_little(enum place place)
{
	size_t lean = capacity((struct relay_limits){ .lean = true }, place);
	size_t usual = capacity((struct relay_limits){ 0 }, place);

	CHECK(lean > 0 && lean < MIB / 2);
	CHECK(lean < usual / 2);
}

static void a_lean_relay_carries_all(void)
{
	struct rig rig;
	struct session session;

	start(&rig, &session, (struct relay_limits){ .lean = true }, ON_WORKER);
	struct flow down = flow_down(&session), up = flow_up(&session);
	for (size_t until = MIB; until <= 16 * MIB; until += MIB) {
		while (down.sent < until || up.sent < until) {
			flow_pour(&down, until);
			flow_pour(&up, until);
			flow_drink(&down);
			flow_drink(&up);
			rig_turn(&rig, 0);
		}
	}
	flow_take_all(&rig, &down);
	flow_take_all(&rig, &up);
	close_both(&session);
	rig_close(&rig);
}

/* The flow that sends right after a look has found no bytes, and how often it still does. */
static struct flow *late;
static int late_times;

ssize_t __real_recv(int fd, void *bytes, size_t size, int flags);

/* recv(2) of everything here, by the linker. */
ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags)
{
	ssize_t got = __real_recv(fd, bytes, size, flags);
	int error = errno;

	if (late != NULL && got < 0 && (flags & MSG_PEEK) != 0 && late_times-- > 0)
		flow_pour(late, late->sent + 1000);
	errno = error;
	return got;
}

static void what_comes_behind_an_empty_look_is_not_lost(void)
{
	struct rig rig;
	struct session session;

	start(&rig, &session, (struct relay_limits){ .lean = true }, ON_ENGINE);
	struct flow down = flow_down(&session);
	late = &down;
	late_times = 8;
	flow_pour(&down, 10);
	for (int turn = 0; turn < 50 && late_times > 0; turn++)
		rig_turn(&rig, 2);
	late = NULL;
	CHECK(down.sent > 10);
	flow_take_all(&rig, &down);
	close_both(&session);
	rig_close(&rig);
}

static void idle_with_bytes_unread_is_a_reset(void)
{
	struct rig rig;
	struct session session;

	start(&rig, &session, (struct relay_limits){ .idle_ms = 300, .lean = true }, ON_WORKER);
	struct flow flow = flow_down(&session);
	flow_fill_up(&rig, &flow);
	check_ended(&rig, &session, BY_IDLE);
	CHECK(rig_ending(&rig, session.client_fd) == 'r');
	close_both(&session);
	rig_close(&rig);
}

void test_stall(void)
{
	for (enum place place = ON_ENGINE; place <= ON_WORKER; place++) {
		RUN(who_does_not_read_is_told_of(place));
		RUN(an_ended_one_is_forgotten(place));
		RUN(a_lean_relay_holds_little(place));
	}
	RUN(who_reads_slowly_stalls_anew());
	RUN(a_lean_relay_carries_all());
	RUN(what_comes_behind_an_empty_look_is_not_lost());
	RUN(idle_with_bytes_unread_is_a_reset());
}
