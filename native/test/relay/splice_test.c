/* Splicing where pipes are few, small or refused, and where the kernel does not splice: nothing may change but the work. */
#include <errno.h>
#include <sys/resource.h>

#include "../../engine/engine_state.h"
#include "../rig/splicing.h"
#include "bulk.h"

static const struct relay_limits NO_LIMITS = { 0 };

static void start(struct bulk *bulk)
{
	bulk_start(bulk, NO_LIMITS);
}

static void finish(struct bulk *bulk)
{
	bulk_finish(bulk);
	bulk_stop(bulk);
}

/* A direction that has its thread to itself. */
static void fill_and_take(struct bulk *bulk)
{
	flow_fill_up(&bulk->rig, &bulk->up);
	flow_take_all(&bulk->rig, &bulk->up);
}

static void a_lone_stream_is_spliced_all_along(void)
{
	static struct bulk bulk;

	start(&bulk);
	splicing_forget();
	for (int rounds = 0; rounds < 40 && flow_spliced(&bulk.up) == 0; rounds++)
		fill_and_take(&bulk);
	for (uint64_t until = clock_ms() + 400; clock_ms() < until;)
		fill_and_take(&bulk);
	size_t before = flow_spliced(&bulk.up);
	for (int rounds = 0; rounds < 40 && flow_spliced(&bulk.up) == before; rounds++)
		fill_and_take(&bulk);
	CHECK(before > 0 && flow_spliced(&bulk.up) > before);
	CHECK(flow_spliced(&bulk.down) == 0);
	finish(&bulk);
}

/* Whether pipes are of use when the system makes them no larger than that. */
static void takes_pipes_of(int size, bool of_use)
{
	static struct bulk bulk;

	pipes_limit(size);
	start(&bulk);
	if (of_use)
		CHECK(flow_until_spliced(&bulk.rig, &bulk.up, &bulk.down) && pipes_largest() == size);
	else
		CHECK(flow_is_read(&bulk.rig, &bulk.up, &bulk.down));
	finish(&bulk);
	pipes_limit(0);
}

static void does_without_pipes(int error)
{
	static struct bulk bulk;

	pipes_fail(error);
	start(&bulk);
	CHECK(flow_is_read(&bulk.rig, &bulk.up, &bulk.down));
	finish(&bulk);
	pipes_fail(0);
}

/* A kernel, or a filter of system calls, that refuses. */
static void does_without_splice(int error)
{
	static struct bulk bulk;

	start(&bulk);
	splicing_fails(INTO_PIPE, error, 1);
	CHECK(flow_is_read(&bulk.rig, &bulk.up, &bulk.down));
	CHECK(open_pipe_ends() == bulk.pipe_ends);
	splicing_fails(INTO_PIPE, 0, 0);
	finish(&bulk);
}

/* The same once there are bytes in the pipe: they go on through memory. */
static void saves_what_is_in_a_pipe(int error)
{
	static struct bulk bulk;

	start(&bulk);
	CHECK(flow_until_spliced(&bulk.rig, &bulk.up, &bulk.down));
	splicing_fails(OUT_OF_PIPE, error, 1000000);
	flow_sip_both(&bulk.rig, &bulk.up, &bulk.down);
	flow_take_all(&bulk.rig, &bulk.up);
	flow_take_all(&bulk.rig, &bulk.down);
	splicing_fails(OUT_OF_PIPE, 0, 0);
	CHECK(open_pipe_ends() == bulk.pipe_ends);
	finish(&bulk);
}

static void goes_on_after(int error)
{
	static struct bulk bulk;

	start(&bulk);
	splicing_fails(INTO_PIPE, error, 3);
	CHECK(flow_until_spliced(&bulk.rig, &bulk.up, &bulk.down));
	splicing_fails(INTO_PIPE, 0, 0);
	finish(&bulk);
}

/* The ledger counts bytes in a pipe; beyond its bound nothing is spliced. */
static void counts_what_waits_in_a_pipe(void)
{
	static struct bulk bulk;

	start(&bulk);
	struct ledger *ledger = &bulk.rig.engine->legs.ledger;
	CHECK(flow_until_spliced(&bulk.rig, &bulk.up, &bulk.down));
	flow_take_all(&bulk.rig, &bulk.up);
	flow_narrow(&bulk.up);
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && !bytes_wait_in_pipes();)
		flow_sip_both(&bulk.rig, &bulk.up, &bulk.down);
	flow_take_all(&bulk.rig, &bulk.down);
	flow_fill_up(&bulk.rig, &bulk.up);
	CHECK(ledger->held > 0 && ledger->held <= MIB);
	flow_take_all(&bulk.rig, &bulk.up);
	for (uint64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until && ledger->held > 0;)
		rig_turn(&bulk.rig, 1);
	CHECK(ledger->held == 0);
	finish(&bulk);
}

static void splices_nothing_beyond_the_bound(void)
{
	static struct bulk bulk;

	start(&bulk);
	bulk.rig.engine->legs.ledger.most = 0;
	CHECK(flow_is_read(&bulk.rig, &bulk.up, &bulk.down));
	finish(&bulk);
}

/* `soft` descriptors allow `ends` of pipes. Receivers that stand still have them all, and lose them to the others. */
static void shares_few_pipes(rlim_t soft, int ends)
{
	enum { SESSIONS = 5 };
	static struct rig rig;
	struct session sessions[SESSIONS];
	struct flow flows[SESSIONS];
	struct rlimit limit, less;
	int before = open_pipe_ends();

	getrlimit(RLIMIT_NOFILE, &limit);
	less = limit;
	less.rlim_cur = soft;
	CHECK(setrlimit(RLIMIT_NOFILE, &less) == 0);
	rig_open(&rig, 1);
	for (int at = 0; at < SESSIONS; at++) {
		rig_relay(&rig, &sessions[at], NO_LIMITS);
		flows[at] = flow_up(&sessions[at]);
		struct flow down = flow_down(&sessions[at]);
		if (ends > 0)
			CHECK(flow_until_spliced(&rig, &flows[at], &down));
		else
			CHECK(flow_is_read(&rig, &flows[at], &down));
		flow_narrow(&flows[at]);
		flow_fill_up(&rig, &flows[at]);
	}
	CHECK(open_pipe_ends() <= before + ends);
	for (int at = 0; at < SESSIONS; at++) {
		flow_take_all(&rig, &flows[at]);
		close_both(&sessions[at]);
	}
	rig_close(&rig);
	setrlimit(RLIMIT_NOFILE, &limit);
	CHECK(open_pipe_ends() == before);
}

/* Pipes of root are open before there is a session, and stay so when one ends with bytes in its pipe. */
static void keeps_pipes_that_were_opened_ahead(void)
{
	static struct bulk bulk;
	int ends = 2 * PIPES_PER_THREAD;

	pipes_limit(0);
	bulk.pipe_ends = open_pipe_ends();
	rig_open_with(&bulk.rig, &(struct engine_options){ .workers = 1, .pipes_ahead = true });
	CHECK(open_pipe_ends() == bulk.pipe_ends + ends);
	CHECK(pipes_largest() >= (int)MIB / 4);
	pipes_fail(EMFILE);
	for (int times = 0; times < 3; times++) {
		rig_relay(&bulk.rig, &bulk.session, NO_LIMITS);
		bulk.up = flow_up(&bulk.session);
		bulk.down = flow_down(&bulk.session);
		CHECK(flow_until_spliced(&bulk.rig, &bulk.up, &bulk.down));
		flow_narrow(&bulk.up);
		flow_sip_both(&bulk.rig, &bulk.up, &bulk.down);
		CHECK(engine_cut(bulk.rig.engine, bulk.session.client, CLOSE_RESET) == 0);
		check_ended(&bulk.rig, &bulk.session, BY_CUT);
		CHECK(bulk.up.good && bulk.down.good);
		close_both(&bulk.session);
		CHECK(!bytes_wait_in_pipes());
		CHECK(open_pipe_ends() == bulk.pipe_ends + ends);
	}
	pipes_fail(0);
	rig_close(&bulk.rig);
	CHECK(open_pipe_ends() == bulk.pipe_ends);
}

void test_splice(void)
{
	RUN(a_lone_stream_is_spliced_all_along());
	RUN(takes_pipes_of(512 * 1024, true));
	RUN(takes_pipes_of(256 * 1024, true));
	RUN(takes_pipes_of(128 * 1024, false));
	RUN(does_without_pipes(EMFILE));
	RUN(does_without_splice(EINVAL));
	RUN(does_without_splice(ENOSYS));
	RUN(does_without_splice(EPERM));
	RUN(saves_what_is_in_a_pipe(EINVAL));
	RUN(saves_what_is_in_a_pipe(EPERM));
	RUN(goes_on_after(EINTR));
	RUN(goes_on_after(ENOMEM));
	RUN(counts_what_waits_in_a_pipe());
	RUN(splices_nothing_beyond_the_bound());
	RUN(shares_few_pipes(128, 4));
	RUN(shares_few_pipes(63, 0));
	RUN(keeps_pipes_that_were_opened_ahead());
}
