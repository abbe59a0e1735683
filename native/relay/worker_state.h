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
	pthread_mutex_t lock; /* guards what follows, and the mail fields of relays */
	struct relay *mail;
	struct relay **mail_end;
	bool stopping;
	bool survey_wanted;
	struct stalled *found; /* by the last survey */
	size_t found_count, found_room;
};

/* Takes in the mail of the engine: relays to adopt or to cut. */
void worker_read_mail(struct worker *worker);

/* Surveys the stalled relays of the thread, if the engine has asked for it. */
void worker_answer_survey(struct worker *worker);

/* Gives back the relays that ended in this turn. No letter about them is left or can still come. */
void worker_give_back(struct worker *worker);

#endif
