// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "follow.h"

#include <errno.h>
#include <string.h>

#include "../support/clock.h"

#define MINUTE (60 * NS_PER_S)

static struct service *service_of(const struct analysis *a, const struct connection *c)
{
	return c->service == NO_NUMBER ? NULL : &a->services.list[c->service];
}

/* The connection leaves the state that its service counts. */
static void leave_service(const struct analysis *a, const struct connection *c)
{
	struct service *service = service_of(a, c);

	if (service && c->state == TCP_NEW_SYN_RECV)
		service->half_open--;
}

/*
 * How long a connection can be in a state, at most, before its end must have been missed: what
 * nobody answers is given up after some minutes of retransmissions, after many more if a system is
 * told so. The others may last for ever, and their end is only missing where something was lost:
 * then they are given the time after which keepalive begins.
 */
static uint64_t patience(const struct analysis *a, const struct connection *c)
{
	switch (c->state) {
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
	case TCP_NEW_SYN_RECV:
		return 15 * MINUTE;
	case TCP_FIN_WAIT1:
	case TCP_LAST_ACK:
	case TCP_CLOSING:
		return 60 * MINUTE;
	}
	return c->since <= a->last_loss ? 120 * MINUTE : UINT64_MAX;
}

static void forget(struct analysis *a, const struct connection *c)
{
	leave_service(a, c);
	if (c->counted_open)
		a->groups.list[c->group].open--;
	if (a->options.forgotten)
		a->options.forgotten(a->options.ctx, c);
}

bool follow__is_gone(void *ctx, const struct connection *c)
{
	struct analysis *a = ctx;

	if (a->last < c->since || a->last - c->since < patience(a, c))
		return false;
	forget(a, c);
	return true;
}

/* A socket that listens is no connection; that it brings one forth is about the new one. */
static bool is_about_listener(const struct transition *tr)
{
	return tr->new_state == TCP_LISTEN ||
	       (tr->old_state == TCP_LISTEN && tr->new_state == TCP_CLOSE);
}

static bool is_beginning(const struct transition *tr)
{
	return (tr->old_state == TCP_CLOSE && tr->new_state == TCP_SYN_SENT) ||
	       (tr->old_state == TCP_LISTEN &&
		(tr->new_state == TCP_NEW_SYN_RECV || tr->new_state == TCP_SYN_RECV));
}

static enum role role_of(const struct transition *tr)
{
	if (tr->new_state == TCP_SYN_SENT || tr->old_state == TCP_SYN_SENT)
		return ROLE_ACTIVE;
	if (tr->old_state == TCP_LISTEN || tr->old_state == TCP_NEW_SYN_RECV ||
	    tr->old_state == TCP_SYN_RECV)
		return ROLE_PASSIVE;
	return ROLE_UNKNOWN;
}

bool follow__is_open(unsigned int state)
{
	return state == TCP_ESTABLISHED || state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 ||
	       state == TCP_CLOSE_WAIT || state == TCP_LAST_ACK || state == TCP_CLOSING;
}

/*
 * Before Linux 6.15 a child's first transition carries the listener's addresses: its service is
 * only known when it is established.
 */
static int find_service(struct analysis *a, struct connection *c, const struct transition *tr)
{
	bool early = c->role == ROLE_PASSIVE && tr->new_state == TCP_SYN_RECV;
	bool full = a->options.services_most && a->services.used >= a->options.services_most;
	int err;

	if (c->service != NO_NUMBER || c->role == ROLE_UNKNOWN || early)
		return 0;
	if (full && !services__find(&a->services, tr, c->role))
		return 0;
	err = services__number(&a->services, tr, c->role, &c->service);
	if (err)
		c->service = NO_NUMBER;
	else
		a->services.list[c->service].tried++;
	return err;
}

/* The connection is established: how long did that take? */
static int establish(struct analysis *a, struct connection *c, const struct transition *tr)
{
	struct service *service = service_of(a, c);
	bool passive = tr->old_state != TCP_SYN_SENT;

	if (service)
		service->opened++;
	c->setup_ns = !passive			       ? tr->state_ns
		      : c->born && c->born <= tr->time ? (int64_t)(tr->time - c->born)
						       : NOT_KNOWN;
	if (c->setup_ns == NOT_KNOWN)
		return 0;
	if (service && !passive && (uint64_t)c->setup_ns >= a->options.thresholds.slow_connect_ns) {
		service->slow++;
		if ((uint64_t)c->setup_ns > service->slowest)
			service->slowest = c->setup_ns;
	}
	return histogram__add(passive ? &a->handshake : &a->connect, c->setup_ns);
}

/* Was it too long in a state that is meant to be short? */
int follow__note_stuck(struct analysis *a, const char *comm, unsigned int state, uint64_t ns,
		       bool still)
{
	const struct thresholds *limits = &a->options.thresholds;
	bool close_wait = state == TCP_CLOSE_WAIT && ns >= limits->close_wait_ns,
	     fin_wait = (state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2) &&
			ns >= limits->fin_wait_ns;
	struct program *program;

	if (!close_wait && !fin_wait)
		return 0;
	program = programs__get(&a->programs, comm);
	if (!program)
		return -ENOMEM;
	stuck__add(close_wait ? &program->close_wait : &program->fin_wait, ns, still);
	return 0;
}

static int leave_state(struct analysis *a, struct connection *c, const struct transition *tr)
{
	struct service *service = service_of(a, c);

	if (tr->state_ns == NOT_KNOWN)
		return 0;
	if (service && tr->old_state == TCP_ESTABLISHED && tr->state_ns < c->setup_ns)
		service->brief++;
	return follow__note_stuck(a, c->comm, tr->old_state, tr->state_ns, false);
}

static void enter_state(struct analysis *a, struct connection *c, const struct transition *tr)
{
	struct service *service;

	c->state = tr->new_state;
	c->since = tr->time;
	c->origin = tr->origin;
	service = service_of(a, c);
	if (service && c->state == TCP_NEW_SYN_RECV &&
	    ++service->half_open > service->half_open_most)
		service->half_open_most = service->half_open;
}

static void fail(const struct analysis *a, const struct connection *c, const struct transition *tr)
{
	struct service *service = service_of(a, c);

	if (!service)
		return;
	service->failed++;
	/* inet_hash_connect() has found none, so that there is none. */
	if (c->role == ROLE_ACTIVE && !tr->lport)
		service->no_port++;
	else
		reasons__add(&service->why, transition__reason(tr));
}

static int end(struct analysis *a, const struct connection *c, const struct transition *tr,
	       enum happening what)
{
	int err = 0;

	if (what == HAPPENED_FAILED)
		fail(a, c, tr);
	else if (tr->life_ns != NOT_KNOWN)
		err = histogram__add(&a->life, tr->life_ns);
	if (!err && a->options.by_count)
		err = group__add_end(&a->groups.list[c->group], c, tr, what);
	if (!err && a->options.ended)
		err = a->options.ended(a->options.ctx, c, tr);
	return err;
}

static int regroup(struct analysis *a, struct connection *c, const struct transition *tr)
{
	uint32_t number;
	int err = groups__number(&a->groups, tr, &number);

	if (!err)
		groups__assign(&a->groups, c, number, follow__is_open(tr->new_state));
	return err;
}

/* A listener's name is its child's until somebody accepts it, who may have the same name. */
static void note_owner(const struct analysis *a, struct connection *c, const struct transition *tr)
{
	bool news = tr->owner.how == OWNER_ACCEPTED ||
		    strncmp(c->comm, tr->owner.comm, sizeof(c->comm)) != 0;

	if (tr->owner.how == OWNER_UNKNOWN)
		return;
	memcpy(c->comm, tr->owner.comm, sizeof(c->comm));
	if (news && a->options.owned)
		a->options.owned(a->options.ctx, c, tr);
}

/* What the transition is to its connection, from the oldest state to the newest. */
static int step(struct analysis *a, struct connection *c, const struct transition *tr,
		enum happening what)
{
	int err;

	leave_service(a, c);
	note_owner(a, c, tr);
	if (c->role == ROLE_UNKNOWN)
		c->role = role_of(tr);
	err = find_service(a, c, tr);
	if (!err && (what == HAPPENED_ACTIVE || what == HAPPENED_PASSIVE))
		err = establish(a, c, tr);
	err = err ?: leave_state(a, c, tr);
	if (!err && a->options.by_count)
		err = regroup(a, c, tr);
	enter_state(a, c, tr);
	if (err)
		return err;
	if (what == HAPPENED_CLOSED || what == HAPPENED_FAILED)
		return end(a, c, tr, what);
	if (a->options.opened && (what == HAPPENED_ACTIVE || what == HAPPENED_PASSIVE))
		return a->options.opened(a->options.ctx, c, tr);
	return 0;
}

/*
 * From here on a stand-in is all that there is, and only how many there are matters: those that
 * have taken a port from connect(), if their end will be told.
 */
static void enter_time_wait(const struct analysis *a, const struct connection *c,
			    const struct transition *tr)
{
	struct service *service = c->role == ROLE_PASSIVE || tr->inferred
					  ? NULL
					  : services__find(&a->services, tr, ROLE_ACTIVE);

	if (!service)
		return;
	/* The ends of those before are not told any more. */
	if (service->capture != tr->origin.capture)
		service->time_wait = 0;
	service->capture = tr->origin.capture;
	if (++service->time_wait > service->time_wait_most)
		service->time_wait_most = service->time_wait;
}

/* Of one that was there before, it is not known for how long. */
static void leave_time_wait(const struct analysis *a, const struct transition *tr)
{
	struct service *service = tr->state_ns == NOT_KNOWN
					  ? NULL
					  : services__find(&a->services, tr, ROLE_ACTIVE);

	if (service && service->time_wait)
		service->time_wait--;
}

/* The connection that it is about: a new one, in `spare` if there is none to be kept. */
static struct connection *connection_of(struct analysis *a, const struct transition *tr,
					struct connection *spare)
{
	uint64_t socket = tr->cookie ? origin__socket(tr->origin, tr->cookie) : 0;
	struct connection *c = connections__find(&a->connections, socket);
	bool begins = is_beginning(tr) && !(c && c->state == TCP_NEW_SYN_RECV);

	if (c && begins) {
		forget(a, c);
		connection__init(c, socket);
	}
	if (!c && (!socket || tr->new_state == TCP_CLOSE)) {
		connection__init(spare, socket);
		c = spare;
	}
	c = c ?: connections__add(&a->connections, socket);
	/* A listener's child without a request: when its SYN came is not known. */
	if (c && begins && tr->new_state != TCP_SYN_RECV)
		c->born = tr->time;
	return c;
}

int follow__transition(struct analysis *a, const struct transition *tr, enum happening what)
{
	struct connection spare, *c;
	int err;

	if (is_about_listener(tr))
		return 0;
	if (tr->old_state == TCP_TIME_WAIT) {
		leave_time_wait(a, tr);
		return 0;
	}
	c = connection_of(a, tr, &spare);
	if (!c)
		return -ENOMEM;
	err = step(a, c, tr, what);
	if (tr->new_state == TCP_TIME_WAIT)
		enter_time_wait(a, c, tr);
	if (err || (c != &spare && tr->new_state != TCP_CLOSE && tr->new_state != TCP_TIME_WAIT))
		return err;
	forget(a, c);
	if (c != &spare)
		connections__remove(&a->connections, c);
	return 0;
}
