/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel side knows for the filter, which runs twice. Of a connection itself nothing
 * changes: one that can never pass is not tracked, and costs next to nothing. Of what is tracked,
 * those rows are not written that cannot pass.
 *
 * The user side judges again what it gets, and has the last word. It makes rows of more than one
 * record, so a record must not be dropped that another row needs: what its row can turn into is in
 * the facts, as what it may be.
 */
#ifndef TCPFLUX_FACTS_H
#define TCPFLUX_FACTS_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "decision.h"
#include "event.h"

#define AF_INET6 10

extern const volatile struct filter_program filter_connections, filter_rows;
extern const volatile bool filter_raw;	     /* rows are what the tracepoint says */
extern const volatile bool filter_strangers; /* rows of unknown owners may pass for that */

bool filter__connection_passes(const struct filter_facts *facts);
bool filter__row_passes(const struct filter_facts *facts);

static __always_inline bool filter__judges_connections(void)
{
	return filter_connections.entry != FILTER_PASS;
}

static __always_inline bool filter__judges_rows(void)
{
	return filter_rows.entry != FILTER_PASS;
}

/* Does either of them ask for one of these? A bit each, see FILTER_BIT(). */
static __always_inline bool filter__asks(__u32 fields)
{
	return filter_rows.fields & fields;
}

static __always_inline void facts__set_family(struct filter_facts *facts)
{
	bool ipv4 = filter_address__is_mapped(&facts->addresses[0]) ||
		    filter_address__is_mapped(&facts->addresses[1]);

	facts->sets[FILTER_FAMILY] = ipv4 ? 1 << 4 : 1 << 6;
}

static __always_inline bool is_any(const union filter_address *address)
{
	return !address->words[3] && !address->bits[0] &&
	       (!address->words[2] || filter_address__is_mapped(address));
}

/*
 * A listener is judged by what its children may be: they have its owner. So is a child
 * before Linux 6.15 when the tracepoint sees it first, see transition.bpf.c.
 */
static __always_inline void facts__of_listener(struct filter_facts *facts)
{
	facts->open |= FILTER_BIT(FILTER_RPORT) | FILTER_BIT(FILTER_RADDR);
	if (!is_any(&facts->addresses[0]))
		return;
	facts->open |= FILTER_BIT(FILTER_LADDR);
	/* One of :: may have children of both. */
	if (facts->sets[FILTER_FAMILY] == 1 << 6)
		facts->sets[FILTER_FAMILY] = 1 << 4 | 1 << 6;
}

/* No local port: none is chosen yet. */
static __always_inline void facts__set_ports(struct filter_facts *facts, __u16 lport, __u16 rport)
{
	filter_facts__set_number(facts, FILTER_LPORT, lport);
	filter_facts__set_number(facts, FILTER_RPORT, rport);
	if (!lport)
		facts->open |= FILTER_BIT(FILTER_LPORT);
}

static __always_inline void addresses_of(struct sock_common *skc, __u32 *laddr, __u32 *raddr)
{
	if (bpf_core_field_exists(skc->skc_v6_daddr) && skc->skc_family == AF_INET6) {
		__builtin_memcpy(laddr, &skc->skc_v6_rcv_saddr, 16);
		__builtin_memcpy(raddr, &skc->skc_v6_daddr, 16);
		return;
	}
	laddr[0] = raddr[0] = 0;
	laddr[1] = raddr[1] = 0;
	laddr[2] = raddr[2] = bpf_htonl(0xffff);
	laddr[3] = skc->skc_rcv_saddr;
	raddr[3] = skc->skc_daddr;
}

/* lport: host byte order. */
static __always_inline void facts__of_connection(struct filter_facts *facts,
						 struct sock_common *skc, __u16 lport)
{
	__u16 rport = bpf_ntohs(skc->skc_dport);

	facts__set_ports(facts, lport, rport);
	if (filter__asks(FILTER_BIT(FILTER_NETNS)))
		filter_facts__set_number(facts, FILTER_NETNS, skc->skc_net.net->ns.inum);
	if (filter__asks(FILTER_ADDRESSES)) {
		addresses_of(skc, facts->addresses[0].words, facts->addresses[1].words);
		facts__set_family(facts);
	}
	if (!rport)
		facts__of_listener(facts);
}

/* Does the filter let connections pass of which this is known? */
static __always_inline bool facts__may_pass(const struct filter_facts *facts)
{
	__u8 at = filter_program__begin(&filter_connections, facts);
	struct filter_facts copy;

	if (at >= FILTER_NODES)
		return at == FILTER_PASS;
	copy = *facts; /* else they would have to be in memory from the beginning */
	return filter__connection_passes(&copy);
}

/* May a socket, or a row about it, pass? See facts__of_connection(). */
static __always_inline bool connection_may_pass(struct sock_common *skc, __u16 lport)
{
	struct filter_facts facts = {};

	if (!filter__judges_connections())
		return true;
	facts__of_connection(&facts, skc, lport);
	return facts__may_pass(&facts);
}

/* Even if the local port, which it has not yet, will be none of those asked for? */
static __always_inline bool connection_may_pass_without_port(struct sock_common *skc)
{
	struct filter_facts facts = {};

	facts__of_connection(&facts, skc, 0);
	facts.open &= ~FILTER_BIT(FILTER_LPORT);
	return facts__may_pass(&facts);
}

static __always_inline void facts__set_owner(struct filter_facts *facts,
					     const struct event_owner *owner)
{
	facts->unknown &= ~FILTER_OWNER;
	filter_facts__set_number(facts, FILTER_PID, owner->pid);
	filter_facts__set_number(facts, FILTER_UID, owner->uid);
}

static __always_inline __u32 state_bit(__u8 state)
{
	return state < 32 ? FILTER_STATE(state) : 0;
}

/* What became of a request, or will: it, its child's first row, or its end. */
static __always_inline void facts__may_be_request(struct filter_facts *facts)
{
	facts->sets[FILTER_OLD] |= FILTER_REQUEST_OLD;
	facts->sets[FILTER_NEW] |= FILTER_REQUEST_NEW;
	facts->open |= FILTER_TIMES;
}

/*
 * A stand-in has its owner, and the rest of what its rows tell, from its socket's last one, which
 * it must not be without.
 */
static __always_inline void facts__may_be_timewait(struct filter_facts *facts)
{
	facts->sets[FILTER_OLD] |= FILTER_TIMEWAIT_OLD;
	facts->sets[FILTER_NEW] |= FILTER_TIMEWAIT_NEW;
	facts->open |= FILTER_TIMES | FILTER_OWNER;
}

#endif
