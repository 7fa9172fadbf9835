// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "analysis.h"

#include <errno.h>
#include <stdlib.h>
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
	free(analysis->ended);
	services__free(&analysis->services);
	programs__free(&analysis->programs);
	groups__free(&analysis->groups);
}

static unsigned int row_of(unsigned int state)
{
	return state < STATE_COUNT ? state : 0;
}

/* When was it? 0 or -ENOMEM. */
static int note_time(struct analysis *analysis, const struct transition *tr)
{
	uint32_t capture = tr->origin.capture;
	uint64_t *ended = capture < analysis->captures
				  ? analysis->ended
				  : keys__extend(analysis->ended, &analysis->captures, capture,
						 sizeof(*ended));

	if (!ended)
		return -ENOMEM;
	analysis->ended = ended;
	if (tr->time > ended[capture])
		ended[capture] = tr->time;
	if (!analysis->first || tr->time < analysis->first)
		analysis->first = tr->time;
	if (tr->time > analysis->last)
		analysis->last = tr->time;
	return 0;
}

int analysis__transition(struct analysis *analysis, const struct transition *tr)
{
	enum happening what = happening_of(tr->old_state, tr->new_state);
	unsigned int old_state = row_of(tr->old_state);
	int err = note_time(analysis, tr);

	if (err)
		return err;
	if (what != HAPPENED_NOTHING || !analysis->totals.transitions)
		churn__add(&analysis->churn, tr->time, what);
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

/* It has no end: what is it at the end of the stream? Of its capture: later it may have ended. */
static int conclude(struct analysis *analysis, const struct connection *c)
{
	uint32_t capture = c->origin.capture;
	uint64_t last = capture < analysis->captures ? analysis->ended[capture] : analysis->last;
	uint64_t age = last > c->since ? last - c->since : 0;
	int err = follow__note_stuck(analysis, c->comm, c->state, age, true);

	analysis->open += follow__is_open(c->state);
	if (c->state == TCP_NEW_SYN_RECV && c->service != NO_NUMBER &&
	    age >= analysis->options.thresholds.slow_connect_ns)
		analysis->services.list[c->service].overdue++;
	if (!err && analysis->options.by_count)
		err = group__add_left(&analysis->groups.list[c->group], c);
	return err;
}

static int conclude_all(struct analysis *analysis)
{
	const struct connection *c = NULL;
	int err = 0;

	while (!err && (c = connections__next(&analysis->connections, c)))
		err = conclude(analysis, c);
	return err;
}

int analysis__finish(struct analysis *analysis)
{
	analysis->finished = true;
	if (analysis->totals.transitions)
		churn__add(&analysis->churn, analysis->last, HAPPENED_NOTHING);
	return conclude_all(analysis);
}

/* What the last look has counted. */
static void forget_look(struct analysis *analysis)
{
	analysis->open = 0;
	for (uint32_t i = 0; i < analysis->programs.used; i++) {
		stuck__forget_still(&analysis->programs.list[i].close_wait);
		stuck__forget_still(&analysis->programs.list[i].fin_wait);
	}
	for (uint32_t i = 0; i < analysis->services.used; i++)
		analysis->services.list[i].overdue = 0;
}

int analysis__look(struct analysis *analysis, uint64_t time)
{
	/* Nothing may have happened for long. */
	if (time > analysis->last)
		analysis->last = time;
	for (uint32_t i = 0; i < analysis->captures; i++)
		analysis->ended[i] = analysis->last;
	forget_look(analysis);
	return conclude_all(analysis);
}

void analysis__forget_past(struct analysis *analysis)
{
	for (uint32_t i = 0; i < analysis->programs.used; i++)
		analysis->programs.list[i] = (struct program){};
	for (uint32_t i = 0; i < analysis->services.used; i++)
		service__forget_past(&analysis->services.list[i]);
}

int analysis__socket(struct analysis *analysis, const struct tcp_socket *socket, uint64_t time,
		     struct connection **found)
{
	struct connection *c;

	*found = NULL;
	if (!socket->cookie || !socket->carries || !follow__is_open(socket->state) ||
	    connections__find(&analysis->connections, socket->cookie))
		return 0;
	c = connections__add(&analysis->connections, socket->cookie);
	if (!c)
		return -ENOMEM;
	c->state = socket->state;
	c->since = socket->state_ns == NOT_KNOWN ? time : time - socket->state_ns;
	if (socket->owner.how != OWNER_UNKNOWN)
		memcpy(c->comm, socket->owner.comm, sizeof(c->comm));
	*found = c;
	return 0;
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
