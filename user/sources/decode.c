// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "decode.h"

#include <errno.h>
#include <string.h>

static void decode_addresses(const struct event_transition *e, struct transition *tr)
{
	memcpy(&tr->laddr, e->laddr, sizeof(tr->laddr));
	memcpy(&tr->raddr, e->raddr, sizeof(tr->raddr));
	/* An IPv6 socket that talks IPv4; one of the two may not be set yet. */
	tr->family = IN6_IS_ADDR_V4MAPPED(&tr->laddr) || IN6_IS_ADDR_V4MAPPED(&tr->raddr) ? 4 : 6;
	tr->lport = e->lport;
	tr->rport = e->rport;
}

static void decode_owner(const struct event_transition *e, struct owner *owner)
{
	owner->how = e->owner_how <= OWNER_SNAPSHOT ? e->owner_how : OWNER_UNKNOWN;
	owner->pid = e->owner.pid;
	owner->uid = e->owner.uid;
	owner->cgroup = NULL;
	memcpy(owner->comm, e->owner.comm, sizeof(owner->comm));
	owner->comm[sizeof(owner->comm) - 1] = '\0';
}

static int64_t span(uint64_t from, uint64_t to)
{
	return from && from <= to ? (int64_t)(to - from) : NOT_KNOWN;
}

int decode_transition(const void *record, size_t size, uint64_t boot_time, struct transition *tr)
{
	const struct event_transition *e = record;

	if (size != sizeof(*e) || e->type != EVENT_TRANSITION)
		return -EBADMSG;
	tr->time = e->time + boot_time;
	tr->seq = 0;
	tr->cookie = e->cookie;
	tr->netns = e->netns;
	tr->old_state = e->old_state;
	tr->new_state = e->new_state;
	tr->src = SRC_TRACEPOINT;
	tr->inferred = false;
	tr->enters_time_wait = e->flags & EVENT_ENTERS_TIME_WAIT;
	tr->fin_acked = e->flags & EVENT_FIN_ACKED;
	decode_addresses(e, tr);
	decode_owner(e, &tr->owner);
	tr->state_ns = span(e->since, e->time);
	tr->life_ns = span(e->born, e->time);
	tr->error = e->error;
	tr->bytes_sent = e->bytes_sent;
	tr->bytes_received = e->bytes_received;
	tr->retransmits = e->retransmits;
	tr->rtt_us = e->rtt_us;
	return 0;
}
