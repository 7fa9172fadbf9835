// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "standins.h"

#include <errno.h>
#include <stdlib.h>

#include "../support/clock.h"
#include "standin_table.h"

/*
 * A timer that is to be started again is so within microseconds; but a virtual CPU may be halted in
 * between, which was seen to take more than 20 ms.
 */
#define SETTLED_NS (100 * NS_PER_MS)

/*
 * A stand-in shows a sign of life every TCP_TIMEWAIT_LEN (a minute), or, being a request, every
 * TCP_RTO_MAX (two). Where fentry sees it, a request shows none until its end, which takes
 * net.ipv4.tcp_synack_retries steps: two minutes by default.
 */
#define FORGOTTEN_NS (15 * 60 * NS_PER_S)

/*
 * TCP_TIMEWAIT_LEN, and what the timer wheel adds: an eighth at most (calc_wheel_index()), and a
 * bit for a CPU that comes late. A later segment makes it longer, but is a sign of life.
 */
#define TIMEWAIT_MAX_NS (70 * NS_PER_S)

struct standins {
	standins_emit_fn *emit;
	void *ctx;
	uint64_t sees_timewait; /* since then, CLOCK_BOOTTIME in ns; UINT64_MAX: never */
	uint64_t missed;
	struct standin_table table;
};

struct standins *standins__new(standins_emit_fn *emit, void *ctx)
{
	struct standins *s = malloc(sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct standins){ .emit = emit, .ctx = ctx, .sees_timewait = UINT64_MAX };
	if (!standin_table__init(&s->table))
		return s;
	standins__free(s);
	return NULL;
}

void standins__free(struct standins *s)
{
	if (s)
		standin_table__free(&s->table);
	free(s);
}

void standins__sees_timewait(struct standins *s, uint64_t time)
{
	s->sees_timewait = time;
}

static struct standin *add_told(struct standins *s, const struct standin_event *event)
{
	return standin_table__add(&s->table, &event->tr, event->tr.new_state, event->at);
}

static int64_t span(uint64_t from, uint64_t to)
{
	return from && from <= to ? (int64_t)(to - from) : NOT_KNOWN;
}

/* The row for its change of state at `at`, which by the wall clock is `time`. */
static int emit(struct standins *s, struct standin *i, uint8_t state, uint64_t at, uint64_t time)
{
	struct transition tr = i->tr;

	tr.time = time;
	tr.src = i->state == TCP_NEW_SYN_RECV || state == TCP_NEW_SYN_RECV ? SRC_REQUEST
									   : SRC_TIMEWAIT;
	tr.old_state = i->state;
	tr.new_state = state;
	tr.state_ns = span(i->since, at);
	tr.life_ns = span(i->born, at);
	i->state = state;
	i->since = at;
	return s->emit(s->ctx, &tr);
}

/* A request that had retransmitted before it was seen first is from before the trace. */
static int on_request(struct standins *s, struct standin *i, const struct standin_event *event)
{
	if (event->tr.retransmits)
		return 0;
	i->born = event->at;
	i->state = TCP_LISTEN;
	return emit(s, i, TCP_NEW_SYN_RECV, event->at, event->tr.time);
}

/*
 * In a log from when a program told that one was made: its socket's last transition comes next, and
 * tells whose it was, but another CPU may have brought the stand-in the peer's FIN before that.
 */
static bool awaits_its_socket(const struct standin *i)
{
	return i->state == TCP_FIN_WAIT2 && !i->joined;
}

static int on_alive(struct standins *s, struct standin *i, const struct standin_event *event)
{
	if (!i) {
		i = add_told(s, event);
		if (!i)
			return -ENOMEM;
		return i->state == TCP_NEW_SYN_RECV ? on_request(s, i, event) : 0;
	}
	standin_table__move(&s->table, i, event->at, 0);
	i->expired = false;
	i->last_state = event->tr.new_state;
	if (i->state == i->last_state || awaits_its_socket(i))
		return 0;
	/* The peer's FIN has come to an orphan. */
	return emit(s, i, i->last_state, event->at, event->tr.time);
}

/* How it ends, for transition__reason(). */
static int error_of(const struct standin *i)
{
	if (i->state == TCP_TIME_WAIT || i->unattended)
		return 0;
	if (i->overflow)
		return ENOBUFS;
	return i->expired ? ETIMEDOUT : ECONNRESET;
}

/* It was in another state when it ended: that much is known, but not since when. */
static int infer_change(struct standins *s, struct standin *i)
{
	int err;

	i->since = 0;
	i->tr.inferred = true;
	err = emit(s, i, i->last_state, i->stopped, i->tr.time);
	i->since = 0;
	i->tr.inferred = false;
	return err;
}

/* It has, when its timer stopped. */
static int end(struct standins *s, struct standin *i)
{
	int err = i->last_state == i->state ? 0 : infer_change(s, i);

	i->tr.error = error_of(i);
	i->tr.complete = i->expired;
	i->tr.enters_time_wait = false;
	err = err ?: emit(s, i, TCP_CLOSE, i->stopped, i->tr.time);
	standin_table__drop(&s->table, i);
	return err;
}

/* Its time has passed, all of it under our eyes, and nobody had told that it began. */
static bool began_unseen(const struct standins *s, const struct standin_event *event)
{
	return event->phase == STANDIN_EXPIRED && event->tr.new_state == TCP_TIME_WAIT &&
	       event->tr.cookie && event->at > TIMEWAIT_MAX_NS &&
	       event->at - TIMEWAIT_MAX_NS > s->sees_timewait;
}

static int on_stopped(struct standins *s, struct standin *i, const struct standin_event *event)
{
	uint64_t time;

	/* An unknown request is one whose child has taken its place. */
	if (!i && event->tr.new_state == TCP_NEW_SYN_RECV)
		return 0;
	if (!i && began_unseen(s, event))
		s->missed++;
	i = i ?: add_told(s, event);
	if (!i)
		return -ENOMEM;
	i->last_state = event->tr.new_state;
	time = i->stopped ? i->tr.time : event->tr.time;
	/* Nothing else has told its addresses. */
	if (!i->joined)
		i->tr = event->tr;
	i->tr.time = time;
	i->unattended = event->unattended;
	i->overflow = event->overflow;
	if (event->phase == STANDIN_EXPIRED)
		i->expired = true;
	if (!i->stopped)
		standin_table__move(&s->table, i, i->seen, event->at);
	return event->final ? end(s, i) : 0;
}

int standins__on_event(struct standins *s, const struct standin_event *event)
{
	struct standin *i = standin_table__find(&s->table, &event->tr);

	return event->phase == STANDIN_ALIVE ? on_alive(s, i, event) : on_stopped(s, i, event);
}

/* The child's first transition: from LISTEN, says the tracepoint. */
static void join_child(struct standins *s, struct standin *i, struct transition *tr, uint64_t at)
{
	tr->old_state = TCP_NEW_SYN_RECV;
	tr->state_ns = span(i->since, at);
	tr->src = SRC_REQUEST;
	standin_table__drop(&s->table, i);
}

/* The last transition of the whole socket: to CLOSE, says the tracepoint. */
static bool join_closed(struct standin *i, struct transition *tr, uint64_t at)
{
	i->joined = true;
	i->state = i->last_state;
	i->born = tr->life_ns == NOT_KNOWN ? 0 : at - tr->life_ns;
	i->since = at;
	if (i->state == tr->old_state)
		i->since = tr->state_ns == NOT_KNOWN ? 0 : at - tr->state_ns;
	tr->new_state = TCP_TIME_WAIT;
	tr->src = SRC_TIMEWAIT;
	i->tr = *tr;
	return i->state == TCP_TIME_WAIT;
}

/* tcp_time_wait() is called in no other state (net/ipv4/). */
static bool may_leave_standin(const struct transition *tr)
{
	return tr->new_state == TCP_CLOSE &&
	       (tr->old_state == TCP_FIN_WAIT2 || tr->old_state == TCP_CLOSING);
}

int standins__join(struct standins *s, struct transition *tr, uint64_t at, uint8_t state)
{
	bool child = tr->old_state == TCP_LISTEN && tr->new_state == TCP_SYN_RECV;
	struct standin *i = NULL;

	if (child || may_leave_standin(tr))
		i = standin_table__find(&s->table, tr);

	if (!i && state) {
		i = standin_table__add(&s->table, tr, state, at);
		if (!i)
			return -ENOMEM;
	}
	if (!i || i->joined || child != (i->state == TCP_NEW_SYN_RECV))
		return 1;
	if (!child)
		return join_closed(i, tr, at);
	join_child(s, i, tr, at);
	return 1;
}

int standins__settle(struct standins *s, uint64_t now, size_t most)
{
	struct standin *i;
	int err = 0;

	for (; most && !err && (i = s->table.stopped.first) && i->stopped + SETTLED_NS <= now;
	     most--)
		err = end(s, i);
	return err;
}

void standins__forget(struct standins *s, uint64_t now)
{
	struct standin *i;

	for (; (i = s->table.alive.first) && i->seen + FORGOTTEN_NS <= now; s->missed++)
		standin_table__drop(&s->table, i);
}

uint64_t standins__missed(const struct standins *s)
{
	return s->missed;
}

bool standins__is_due(const struct standins *s, uint64_t now)
{
	return (s->table.stopped.first && s->table.stopped.first->stopped + SETTLED_NS <= now) ||
	       (s->table.alive.first && s->table.alive.first->seen + FORGOTTEN_NS <= now);
}

uint64_t standins__next(const struct standins *s)
{
	return s->table.stopped.first ? s->table.stopped.first->stopped + SETTLED_NS : 0;
}
