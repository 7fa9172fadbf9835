// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "analysis.h"

#include <string.h>

#include "../support/clock.h"
#include "follow.h"

const struct thresholds thresholds_default = {
	.close_wait_ns = 5 * NS_PER_S,
	.fin_wait_ns = 30 * NS_PER_S,
	.slow_connect_ns = NS_PER_S,
	.time_wait = 20000,
	.failed = 3,
	.half_open = 100,
	.brief = 100,
};

int analysis__init(struct analysis *analysis, const struct analysis_options *options)
{
	*analysis = (struct analysis){ .options = *options };
	analysis->groups.by_count = options->by_count;
	memcpy(analysis->groups.by, options->by, sizeof(options->by));
	return connections__init(&analysis->connections, follow__is_gone, analysis);
}

void analysis__free(struct analysis *analysis)
{
	histogram__free(&analysis->connect);
	histogram__free(&analysis->handshake);
	histogram__free(&analysis->life);
	for (unsigned int state = 0; state < STATE_COUNT; state++)
		histogram__free(&analysis->in_state[state]);
	connections__free(&analysis->connections);
	services__free(&analysis->services);
	programs__free(&analysis->programs);
	groups__free(&analysis->groups);
}

static unsigned int row_of(unsigned int state)
{
	return state < STATE_COUNT ? state : 0;
}

int analysis__transition(struct analysis *analysis, const struct transition *tr)
{
	enum happening what = happening_of(tr->old_state, tr->new_state);
	unsigned int old_state = row_of(tr->old_state);
	int err = 0;

	if (what != HAPPENED_NOTHING || !analysis->totals.transitions)
		churn__add(&analysis->churn, tr->time, what);
	if (!analysis->first || tr->time < analysis->first)
		analysis->first = tr->time;
	if (tr->time > analysis->last)
		analysis->last = tr->time;
	totals__add(&analysis->totals, tr);
	analysis->matrix[old_state][row_of(tr->new_state)]++;
	if (tr->old_state == tr->new_state)
		return 0;
	if (tr->state_ns != NOT_KNOWN)
		err = histogram__add(&analysis->in_state[old_state], tr->state_ns);
	return err ?: follow__transition(analysis, tr, what);
}

void analysis__loss(struct analysis *analysis, const struct loss *loss)
{
	totals__add_loss(&analysis->totals, loss);
	if (loss->time > analysis->last_loss)
		analysis->last_loss = loss->time;
}

/* It has no end: what is it at the end of the stream? */
static int conclude(struct analysis *analysis, const struct connection *c)
{
	uint64_t age = analysis->last > c->since ? analysis->last - c->since : 0;
	int err = follow__note_stuck(analysis, c->comm, c->state, age, true);

	analysis->open += follow__is_open(c->state);
	if (c->state == TCP_NEW_SYN_RECV && c->service != NO_NUMBER &&
	    age >= analysis->options.thresholds.slow_connect_ns)
		analysis->services.list[c->service].overdue++;
	if (!err && analysis->options.by_count)
		err = group__add_left(&analysis->groups.list[c->group], c);
	return err;
}

int analysis__finish(struct analysis *analysis)
{
	const struct connection *c = NULL;
	int err = 0;

	if (analysis->totals.transitions)
		churn__add(&analysis->churn, analysis->last, HAPPENED_NOTHING);
	while (!err && (c = connections__next(&analysis->connections, c)))
		err = conclude(analysis, c);
	return err;
}

void analysis__closers(const struct analysis *analysis, struct closers *closers)
{
	const uint64_t(*moved)[STATE_COUNT] = analysis->matrix;

	*closers = (struct closers){
		.here = moved[TCP_ESTABLISHED][TCP_FIN_WAIT1] + moved[TCP_SYN_RECV][TCP_FIN_WAIT1],
		.peer = moved[TCP_ESTABLISHED][TCP_CLOSE_WAIT],
		.neither = moved[TCP_ESTABLISHED][TCP_CLOSE],
	};
}
