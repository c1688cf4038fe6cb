/* asking.h: people who wait for an estimate, each on a thread, while the test drives the dispatcher on its own. */
#ifndef SUPPORT_ASKING_H
#define SUPPORT_ASKING_H

#include <pthread.h>
#include <semaphore.h>

#include "desk/estimate.h"
#include "support/stage.h"

struct asking {
	struct desk *desk;
	const char *product;
	struct money value;
	pthread_t thread;
	enum estimated outcome;
	struct estimate estimate;
};

static sem_t asking_woken; /* the desk called for its dispatcher */

static inline void asking_wake(void *whom)
{
	(void)whom;
	sem_post(&asking_woken);
}

/* As a daemon's desk: somebody is there who is woken. */
static inline void asking_begin(struct stage *s)
{
	sem_init(&asking_woken, 0, 0);
	desk_set_wake(s->desk, asking_wake, NULL);
}

static inline void *asking_run(void *what)
{
	struct asking *asking = what;

	asking->outcome = estimate_ask(asking->desk, asking->product, asking->value, &asking->estimate);
	return NULL;
}

/* For cmocka's setup: a stage whose desk has somebody to wake. */
static inline int asking_open(void **state)
{
	*state = stage_open();
	asking_begin(*state);
	return 0;
}

/* Asks in this thread, where nobody answers. */
static inline enum estimated asking_now(struct stage *s)
{
	struct estimate estimate;

	return estimate_ask(s->desk, "AMZ-GB", (struct money){ 1000, "GBP" }, &estimate);
}

/* Somebody asks what AMZ-GB for 10.00 GBP would cost, and waits for it when this returns. */
static inline void asking_start(struct stage *s, struct asking *asking)
{
	while (sem_trywait(&asking_woken) == 0) {} /* of orders */
	*asking = (struct asking){ .desk = s->desk, .product = "AMZ-GB", .value = { 1000, "GBP" } };
	assert_int_equal(pthread_create(&asking->thread, NULL, asking_run, asking), 0);
	sem_wait(&asking_woken);
}

static inline enum estimated asking_end(struct asking *asking)
{
	assert_int_equal(pthread_join(asking->thread, NULL), 0);
	return asking->outcome;
}

/* The same, with a dispatcher that works meanwhile. */
static inline enum estimated asking_once(struct stage *s, struct estimate *out)
{
	struct asking asking;

	asking_start(s, &asking);
	stage_run(s, MS_A_SECOND);
	(void)asking_end(&asking);
	*out = asking.estimate;
	return asking.outcome;
}

#endif
