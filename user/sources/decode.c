// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "decode.h"

#include <errno.h>
#include <string.h>

/* An IPv6 socket that talks IPv4 is IPv4; one of the two addresses may not be set yet. */
static uint8_t family_of(const struct in6_addr *laddr, const struct in6_addr *raddr)
{
	return IN6_IS_ADDR_V4MAPPED(laddr) || IN6_IS_ADDR_V4MAPPED(raddr) ? 4 : 6;
}

static void decode_addresses(const __u8 *laddr, const __u8 *raddr, struct transition *tr)
{
	memcpy(&tr->laddr, laddr, sizeof(tr->laddr));
	memcpy(&tr->raddr, raddr, sizeof(tr->raddr));
	tr->family = family_of(&tr->laddr, &tr->raddr);
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

/* What only a whole socket of a connection has. */
static void decode_load(const struct socket_record *r, uint64_t tick_ns, struct tcp_socket *socket)
{
	/* The kernel sets both when the connection is established (tcp_finish_connect()). */
	bool established = r->state != TCP_SYN_SENT;

	socket->carries = r->flags & SOCKET_CARRIES;
	socket->bytes_sent = r->bytes_sent;
	socket->bytes_received = r->bytes_received;
	socket->retransmits = r->retransmits;
	socket->rtt_us = r->rtt_us;
	socket->cwnd = r->cwnd;
	socket->lastsnd_ns = established ? (int64_t)(r->sent_ticks * tick_ns) : NOT_KNOWN;
	socket->lastrcv_ns = established ? (int64_t)(r->received_ticks * tick_ns) : NOT_KNOWN;
}

int decode_socket(const void *record, size_t size, uint64_t tick_ns, struct tcp_socket *socket)
{
	const struct socket_record *r = record;

	if (size != sizeof(*r) || r->type != SOCKET_RECORD)
		return -EBADMSG;
	socket->cookie = r->cookie;
	socket->netns = r->netns;
	socket->lport = r->lport;
	socket->rport = r->rport;
	socket->state = r->state;
	memcpy(&socket->laddr, r->laddr, sizeof(socket->laddr));
	memcpy(&socket->raddr, r->raddr, sizeof(socket->raddr));
	socket->family = family_of(&socket->laddr, &socket->raddr);
	decode_owner(&r->owner, r->owner_how, &socket->owner);
	socket->state_ns = NOT_KNOWN;
	socket->recv_q = r->recv_q;
	socket->send_q = r->send_q;
	socket->timer = r->timer;
	socket->timer_retransmits = r->timer_retransmits;
	socket->timer_ns = r->timer_ticks > 0 ? (int64_t)(r->timer_ticks * tick_ns) : 0;
	decode_load(r, tick_ns, socket);
	return 0;
}
