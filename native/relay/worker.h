/*
 * Relay threads. The engine hands a relay over by mail and gets it back, over, through its post; between the two only
 * the thread touches it, except for the atomic counters.
 */
#ifndef PICOSOCKS5_WORKER_H
#define PICOSOCKS5_WORKER_H

#include <pthread.h>

#include "relay.h"

/* Relays that ended on relay threads, for the engine to report and free. */
struct post {
	pthread_mutex_t lock;
	struct relay *ended;
	int wake_fd; /* eventfd, written when the list stops being empty, and by the crowd */
	struct crowd crowd;
};

struct worker;

struct worker_plan {
	struct ledger *ledger; /* of the engine */
	unsigned pipes; /* that it may open */
	bool pipes_ahead; /* at once, by the caller */
};

/* Starts a thread; NULL with `*error` set to an errno. */
struct worker *worker_start(struct post *post, const struct worker_plan *plan, int *error);

/* Gives the thread a relay that was detached from the engine's loop. */
void worker_adopt(struct worker *worker, struct relay *relay);

/* Asks the thread to end a relay; nothing happens if it has ended by itself. */
void worker_cut(struct worker *worker, struct relay *relay, enum close_how how);

/* Asks the thread to change the rates of a relay (relay_set_rates()). */
void worker_set_rates(struct worker *worker, struct relay *relay, const uint32_t bytes_per_second[2]);

/*
 * Copies at most `room` stalled relays of the thread's last survey, the longest stalled first, and returns their
 * number. Asks for a new survey for the next call.
 */
size_t worker_survey(struct worker *worker, struct stalled *list, size_t room);

/* Asks the thread to change the stop of a relay (relay_set_stop()). */
void worker_set_stop(struct worker *worker, struct relay *relay, uint64_t stop);

/* Relays handed over and not given back yet. */
uint32_t worker_load(const struct worker *worker);

/* Ends the thread and waits for its end. Its relays stay as they are: the engine closes them. */
void worker_stop(struct worker *worker);

/* Writes to an eventfd. */
void wake(int event_fd);

/* Takes back the written count. */
void wake_taken(int event_fd);

#endif
