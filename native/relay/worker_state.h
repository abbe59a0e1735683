/* The inside of a relay thread, shared by worker.c and worker_mail.c only. */
#ifndef PICOSOCKS5_WORKER_STATE_H
#define PICOSOCKS5_WORKER_STATE_H

#include "worker.h"

struct worker {
	struct loop loop;
	struct pipes pipes;
	struct post *post;
	pthread_t thread;
	_Atomic uint32_t load;
	int wake_fd;
	size_t held;
	pthread_mutex_t lock; /* guards what follows, and the mail fields of relays */
	struct relay *mail;
	struct relay **mail_end;
	bool stopping;
	bool survey_wanted;
	struct stalled *found; /* by the last survey */
	size_t found_count, found_room;
};

/* Takes in what the engine sent: relays to adopt or to cut. */
void worker_read_mail(struct worker *worker);

/* Looks at the stalled relays of the thread, if the engine has asked for it. */
void worker_answer_survey(struct worker *worker);

/* Gives back what ended in this turn. No letter about such a relay is left or can come any more. */
void worker_give_back(struct worker *worker);

#endif
