// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "sieve.h"

#include <errno.h>

int sieve__init(struct sieve *sieve, const struct filter *filter)
{
	*sieve = (struct sieve){ .filter = filter, .hold = hold__new() };
	return sieve->hold ? 0 : -ENOMEM;
}

void sieve__free(struct sieve *sieve)
{
	hold__free(sieve->hold);
	sieve->hold = NULL;
}

void sieve__deliver_to(struct sieve *sieve, const struct transition_handler *next)
{
	sieve->next = next;
}

static int hand_on(const struct sieve *sieve, struct transition *tr)
{
	return sieve->next->transition(sieve->next->ctx, tr);
}

/* What was kept of the same socket, which this transition tells the local port of. */
static int settle(const struct sieve *sieve, const struct transition *tr)
{
	struct transition first;

	if (!hold__take(sieve->hold, tr->cookie, &first) ||
	    !filter__match_late(sieve->filter, &first, tr->lport))
		return 0;
	return hand_on(sieve, &first);
}

static int on_transition(void *ctx, struct transition *tr)
{
	const struct sieve *sieve = ctx;
	int err = filter__may_wait(sieve->filter) ? settle(sieve, tr) : 0;

	if (err)
		return err;
	switch (filter__match(sieve->filter, tr)) {
	case FILTER_DROP:
		return 0;
	case FILTER_UNDECIDED:
		/* Rather one too many than one too few. */
		return hold__put(sieve->hold, tr) ? hand_on(sieve, tr) : 0;
	case FILTER_PASS:
		return hand_on(sieve, tr);
	}
	return 0;
}

static void on_loss(void *ctx, const struct loss *loss)
{
	const struct sieve *sieve = ctx;

	sieve->next->loss(sieve->next->ctx, loss);
}

struct transition_handler sieve__handler(struct sieve *sieve)
{
	return (struct transition_handler){ on_transition, on_loss, sieve };
}
