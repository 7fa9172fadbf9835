// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "decode.h"

#include <errno.h>
#include <string.h>

static void decode_addresses(const __u8 *laddr, const __u8 *raddr, struct transition *tr)
{
	memcpy(&tr->laddr, laddr, sizeof(tr->laddr));
	memcpy(&tr->raddr, raddr, sizeof(tr->raddr));
	/* An IPv6 socket that talks IPv4; one of the two may not be set yet. */
	tr->family = IN6_IS_ADDR_V4MAPPED(&tr->laddr) || IN6_IS_ADDR_V4MAPPED(&tr->raddr) ? 4 : 6;
}

static void decode_owner(const struct event_owner *from, unsigned int how, struct owner *owner)
{
	owner->how = how <= OWNER_SNAPSHOT ? how : OWNER_UNKNOWN;
	owner->pid = from->pid;
	owner->uid = from->uid;
	owner->cgroup = NULL;
	memcpy(owner->comm, from->comm, sizeof(owner->comm));
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
	tr->complete = e->flags & EVENT_FIN_ACKED;
	tr->counted = true;
	decode_addresses(e->laddr, e->raddr, tr);
	tr->lport = e->lport;
	tr->rport = e->rport;
	decode_owner(&e->owner, e->owner_how, &tr->owner);
	tr->state_ns = span(e->since, e->time);
	tr->life_ns = span(e->born, e->time);
	tr->error = e->error;
	tr->bytes_sent = e->bytes_sent;
	tr->bytes_received = e->bytes_received;
	tr->retransmits = e->retransmits;
	tr->rtt_us = e->rtt_us;
	return 0;
}

int decode_standin(const void *record, size_t size, uint64_t boot_time, struct standin_event *event)
{
	const struct event_standin *e = record;
	struct transition *tr = &event->tr;

	if (size != sizeof(*e) || e->type != EVENT_STANDIN)
		return -EBADMSG;
	*event = (struct standin_event){
		.phase = e->phase,
		.final = e->flags & STANDIN_FINAL,
		.unattended = e->flags & STANDIN_UNATTENDED,
		.overflow = e->flags & STANDIN_ACKED,
		.at = e->time,
		.tr = {
			.time = e->time + boot_time,
			.cookie = e->cookie,
			.netns = e->netns,
			.lport = e->lport,
			.rport = e->rport,
			.new_state = e->state,
			.retransmits = e->retransmits,
			/* No whole socket was there that could have carried anything. */
			.counted = e->state == TCP_NEW_SYN_RECV,
		},
	};
	decode_addresses(e->laddr, e->raddr, tr);
	decode_owner(&e->owner, e->owner_how, &tr->owner);
	return 0;
}
