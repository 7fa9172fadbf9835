// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "standins.h"

#include <errno.h>
#include <stdlib.h>

#include "../support/clock.h"

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

struct standin {
	struct standin *chain;		    /* of the same bucket */
	struct standin *prev, *next;	    /* of the same list */
	uint64_t seen;			    /* last sign of life; times are CLOCK_BOOTTIME, ns */
	uint64_t since;			    /* when it entered `state`; 0: not known */
	uint64_t born;			    /* the connection; 0: not known */
	uint64_t stopped;		    /* its timer; 0: runs */
	bool expired, unattended, overflow; /* see struct standin_event */
	bool joined; /* `tr` is its socket's last transition, not just the record */
	uint8_t state;
	uint8_t last_state; /* when its timer stopped, which a FIN may have caused */
	struct transition tr;
};

/* In order of time: `seen` of those that live, `stopped` of the others. */
struct list {
	struct standin *first, *last;
};

/* Freed ones are kept for the next: there are as many again soon. */
#define BLOCK 256

struct block {
	struct block *next;
	struct standin standin[BLOCK];
};

struct standins {
	standins_emit_fn *emit;
	void *ctx;
	struct standin **bucket; /* by cookie */
	size_t buckets;		 /* a power of two */
	size_t count;
	struct list alive, stopped;
	struct block *blocks;
	struct standin *unused; /* by `chain` */
};

#define BUCKETS_MIN 256

struct standins *standins__new(standins_emit_fn *emit, void *ctx)
{
	struct standins *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct standins){ .emit = emit, .ctx = ctx, .buckets = BUCKETS_MIN };
	s->bucket = calloc(s->buckets, sizeof(*s->bucket));
	if (s->bucket)
		return s;
	free(s);
	return NULL;
}

void standins__free(struct standins *s)
{
	if (!s)
		return;
	for (struct block *next, *block = s->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	free(s->bucket);
	free(s);
}

static void list__append(struct list *list, struct standin *i)
{
	i->prev = list->last;
	i->next = NULL;
	*(list->last ? &list->last->next : &list->first) = i;
	list->last = i;
}

static void list__remove(struct list *list, struct standin *i)
{
	*(i->prev ? &i->prev->next : &list->first) = i->next;
	*(i->next ? &i->next->prev : &list->last) = i->prev;
}

/* Cookies are counted up, in blocks for each CPU (gen_cookie_next()): they spread by themselves. */
static struct standin **bucket_of(const struct standins *s, uint64_t cookie)
{
	return &s->bucket[cookie & (s->buckets - 1)];
}

/* Without memory the chains grow instead. */
static void grow(struct standins *s)
{
	struct standin **old = s->bucket, **bucket;
	size_t n = s->buckets;

	bucket = calloc(2 * n, sizeof(*bucket));
	if (!bucket)
		return;
	s->bucket = bucket;
	s->buckets = 2 * n;
	for (size_t b = 0; b < n; b++) {
		for (struct standin *next, *i = old[b]; i; i = next) {
			next = i->chain;
			bucket = bucket_of(s, i->tr.cookie);
			i->chain = *bucket;
			*bucket = i;
		}
	}
	free(old);
}

static bool is_of(const struct standin *i, const struct transition *tr)
{
	return i->tr.cookie == tr->cookie && i->tr.lport == tr->lport && i->tr.rport == tr->rport;
}

/*
 * By the ports, too: a program may connect a socket again that has left a stand-in behind, and so
 * another with the same cookie. Cookie 0 is nobody's.
 */
static struct standin *find(const struct standins *s, const struct transition *tr)
{
	struct standin *i = tr->cookie ? *bucket_of(s, tr->cookie) : NULL;

	while (i && !is_of(i, tr))
		i = i->chain;
	return i;
}

static struct standin *allocate(struct standins *s)
{
	struct standin *i = s->unused;

	if (!i) {
		struct block *block = malloc(sizeof(*block));

		if (!block)
			return NULL;
		block->next = s->blocks;
		s->blocks = block;
		for (i = block->standin; i < block->standin + BLOCK; i++) {
			i->chain = s->unused;
			s->unused = i;
		}
		i = s->unused;
	}
	s->unused = i->chain;
	return i;
}

static struct standin *add(struct standins *s, const struct transition *tr, uint8_t state,
			   uint64_t seen)
{
	struct standin **bucket, *i = allocate(s);

	if (!i)
		return NULL;
	if (s->count == s->buckets)
		grow(s);
	bucket = bucket_of(s, tr->cookie);
	*i = (struct standin){
		.chain = *bucket,
		.seen = seen,
		.state = state,
		.last_state = state,
		.tr = *tr,
	};
	*bucket = i;
	list__append(&s->alive, i);
	s->count++;
	return i;
}

static struct standin *add_told(struct standins *s, const struct standin_event *event)
{
	return add(s, &event->tr, event->tr.new_state, event->at);
}

static struct list *list_of(struct standins *s, const struct standin *i)
{
	return i->stopped ? &s->stopped : &s->alive;
}

static void drop(struct standins *s, struct standin *i)
{
	struct standin **link = bucket_of(s, i->tr.cookie);

	while (*link != i)
		link = &(*link)->chain;
	*link = i->chain;
	list__remove(list_of(s, i), i);
	s->count--;
	i->chain = s->unused;
	s->unused = i;
}

static void move(struct standins *s, struct standin *i, uint64_t seen, uint64_t stopped)
{
	list__remove(list_of(s, i), i);
	i->seen = seen;
	i->stopped = stopped;
	list__append(list_of(s, i), i);
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

static int on_alive(struct standins *s, struct standin *i, const struct standin_event *event)
{
	if (!i) {
		i = add_told(s, event);
		if (!i)
			return -ENOMEM;
		return i->state == TCP_NEW_SYN_RECV ? on_request(s, i, event) : 0;
	}
	move(s, i, event->at, 0);
	i->expired = false;
	if (i->state == event->tr.new_state)
		return 0;
	/* The peer's FIN has come to an orphan. */
	return emit(s, i, event->tr.new_state, event->at, event->tr.time);
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
	drop(s, i);
	return err;
}

static int on_stopped(struct standins *s, struct standin *i, const struct standin_event *event)
{
	uint64_t time;

	/* An unknown request is one whose child has taken its place. */
	if (!i && event->tr.new_state == TCP_NEW_SYN_RECV)
		return 0;
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
		move(s, i, i->seen, event->at);
	return event->final ? end(s, i) : 0;
}

int standins__on_event(struct standins *s, const struct standin_event *event)
{
	struct standin *i = find(s, &event->tr);

	return event->phase == STANDIN_ALIVE ? on_alive(s, i, event) : on_stopped(s, i, event);
}

/* The child's first transition: from LISTEN, says the tracepoint. */
static void join_child(struct standins *s, struct standin *i, struct transition *tr, uint64_t at)
{
	tr->old_state = TCP_NEW_SYN_RECV;
	tr->state_ns = span(i->since, at);
	tr->src = SRC_REQUEST;
	drop(s, i);
}

/* The last transition of the whole socket: to CLOSE, says the tracepoint. */
static bool join_closed(struct standin *i, struct transition *tr, uint64_t at)
{
	i->joined = true;
	i->born = tr->life_ns == NOT_KNOWN ? 0 : at - tr->life_ns;
	i->since = at;
	if (i->state == tr->old_state)
		i->since = tr->state_ns == NOT_KNOWN ? 0 : at - tr->state_ns;
	tr->new_state = TCP_TIME_WAIT;
	tr->src = SRC_TIMEWAIT;
	i->tr = *tr;
	return i->state == TCP_TIME_WAIT;
}

int standins__join(struct standins *s, struct transition *tr, uint64_t at, uint8_t state)
{
	bool child = tr->old_state == TCP_LISTEN && tr->new_state == TCP_SYN_RECV;
	struct standin *i = child || tr->new_state == TCP_CLOSE ? find(s, tr) : NULL;

	if (!i && state) {
		i = add(s, tr, state, at);
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

int standins__settle(struct standins *s, uint64_t now)
{
	struct standin *i;
	int err = 0;

	while (!err && (i = s->stopped.first) && i->stopped + SETTLED_NS <= now)
		err = end(s, i);
	return err;
}

uint64_t standins__forget(struct standins *s, uint64_t now)
{
	struct standin *i;
	uint64_t count = 0;

	for (; (i = s->alive.first) && i->seen + FORGOTTEN_NS <= now; count++)
		drop(s, i);
	return count;
}

bool standins__is_due(const struct standins *s, uint64_t now)
{
	return (s->stopped.first && s->stopped.first->stopped + SETTLED_NS <= now) ||
	       (s->alive.first && s->alive.first->seen + FORGOTTEN_NS <= now);
}

uint64_t standins__next(const struct standins *s)
{
	return s->stopped.first ? s->stopped.first->stopped + SETTLED_NS : 0;
}
