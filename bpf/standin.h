/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells the user side about a stand-in. */
#ifndef TCPFLUX_STANDIN_H
#define TCPFLUX_STANDIN_H

#include "cpus.h"
#include "facts.h"
#include "listener.h"
#include "ring.h"
#include "tracked.h"

/*
 * A stand-in's pointer may come from container_of(), which the verifier does not follow: it can be
 * read by bpf_probe_read_kernel() alone. One call costs as much as a member as it does for the
 * whole struct sock_common, so that is copied, and common() is a member of the copy.
 */
struct common {
	__u64 words[20]; /* sizeof(struct sock_common) is 136 */
};

#define common(copy, member)                                                                       \
	(*(typeof(((struct sock_common *)0)->member) *)((void *)(copy) +                           \
							bpf_core_field_offset(struct sock_common,  \
									      member)))

static __always_inline void common__read(struct common *copy, const struct sock_common *skc)
{
	__u32 size = bpf_core_type_size(struct sock_common);

	bpf_probe_read_kernel(copy, size < sizeof(*copy) ? size : sizeof(*copy), skc);
}

static __always_inline __u32 common__netns(const struct common *c)
{
	return BPF_CORE_READ(common(c, skc_net.net), ns.inum);
}

static __always_inline void common__addresses(const struct common *c, __u32 *laddr, __u32 *raddr)
{
	if (bpf_core_field_exists(struct sock_common, skc_v6_daddr) &&
	    common(c, skc_family) == AF_INET6) {
		__builtin_memcpy(laddr, &common(c, skc_v6_rcv_saddr), 16);
		__builtin_memcpy(raddr, &common(c, skc_v6_daddr), 16);
		return;
	}
	laddr[0] = raddr[0] = 0;
	laddr[1] = raddr[1] = 0;
	laddr[2] = raddr[2] = bpf_htonl(0xffff);
	laddr[3] = common(c, skc_rcv_saddr);
	raddr[3] = common(c, skc_daddr);
}

static __always_inline void standin__fill_addresses(struct event_standin *e, const struct common *c)
{
	e->netns = common__netns(c);
	common__addresses(c, (__u32 *)e->laddr, (__u32 *)e->raddr);
}

static __always_inline void facts__of_standin(struct filter_facts *facts, const struct common *c)
{
	facts__set_ports(facts, common(c, skc_num), bpf_ntohs(common(c, skc_dport)));
	if (filter__asks(FILTER_BIT(FILTER_NETNS)))
		filter_facts__set_number(facts, FILTER_NETNS, common__netns(c));
	if (filter__asks(FILTER_ADDRESSES)) {
		common__addresses(c, facts->addresses[0].words, facts->addresses[1].words);
		facts__set_family(facts);
	}
}

/*
 * May any of its rows pass, or the last one of its socket? All of its records must be told, or
 * none: the user side waits for its end.
 */
static __always_inline bool timewait_may_pass(const struct common *c)
{
	struct filter_facts facts;

	if (!filter__judges_rows())
		return true;
	facts = (struct filter_facts){};
	facts__of_standin(&facts, c);
	facts__may_be_timewait(&facts);
	/* Without a cookie nobody will find its socket, and who owned that. */
	if (!common(c, skc_cookie.counter)) {
		facts.open &= ~FILTER_OWNER;
		facts.unknown |= FILTER_OWNER;
	}
	return filter__row_passes(&facts);
}

/* The same for a request, and for the first row of its child. */
static __always_inline bool request_may_pass(const struct common *c)
{
	struct listener *listener = NULL;
	struct filter_facts facts;

	if (!filter__judges_rows())
		return true;
	facts = (struct filter_facts){ .unknown = FILTER_OWNER };
	facts__of_standin(&facts, c);
	if (filter__asks(FILTER_OWNER))
		listener = listener__at((__u64)common(c, skc_listener));
	if (listener && listener->owner_how)
		facts__set_owner(&facts, &listener->owner);
	facts__may_be_request(&facts);
	return filter__row_passes(&facts);
}

/* For ring__submit(). NULL: the ring is full, which has been counted. */
static __always_inline struct ring_slot *standin__reserve(enum standin_phase phase, __u8 state,
							  __u64 cookie, __u64 *turn)
{
	struct ring_slot *slot = ring__reserve(turn);
	struct event_standin *e;

	if (!slot)
		return NULL;
	e = &slot->standin;
	__builtin_memset(e, 0, sizeof(*e));
	e->type = EVENT_STANDIN;
	e->phase = phase;
	e->state = state;
	e->time = bpf_ktime_get_boot_ns();
	e->cookie = cookie;
	e->lost = *(volatile __u64 *)&lost;
	return slot;
}

static __always_inline void standin__fill_ports(struct event_standin *e, const struct common *c)
{
	e->lport = common(c, skc_num);
	e->rport = bpf_ntohs(common(c, skc_dport));
}

/*
 * The cookie is the connection's, if it had one: inet_twsk_alloc() copies it. While the stand-in
 * lives its socket's transition has told the addresses, or will at once.
 */
static __always_inline void standin__tell_timewait(const struct inet_timewait_sock *tw,
						   enum standin_phase phase, __u8 flags)
{
	struct event_standin *e;
	struct ring_slot *slot;
	struct common c;
	__u64 turn;

	if (!is_tracing())
		return;
	common__read(&c, &tw->__tw_common);
	if (!timewait_may_pass(&c))
		return;
	slot = standin__reserve(phase, BPF_CORE_READ(tw, tw_substate),
				common(&c, skc_cookie.counter), &turn);
	if (!slot)
		return;
	e = &slot->standin;
	e->flags = flags;
	standin__fill_ports(e, &c);
	if (phase != STANDIN_ALIVE)
		standin__fill_addresses(e, &c);
	ring__submit(slot, turn);
}

/* A request's listener: whose it is, and whether it still listens. */
static __always_inline void standin__fill_listener(struct event_standin *e, const struct sock *sk)
{
	struct listener *listener;
	struct common c;

	common__read(&c, &sk->__sk_common);
	if (common(&c, skc_state) != TCP_LISTEN)
		e->flags |= STANDIN_UNATTENDED;
	listener = listener__at((__u64)sk);
	if (!listener)
		return;
	__builtin_memcpy(&e->owner, &listener->owner, sizeof(e->owner));
	e->owner_how = listener->owner_how ? OWNER_INHERITED : OWNER_UNKNOWN;
}

/* With net.ipv4.tcp_abort_on_overflow that ACK is answered by a reset (tcp_check_req()). */
static __always_inline bool is_aborted(const struct sock *listener)
{
	return BPF_CORE_READ(listener, __sk_common.skc_net.net,
			     ipv4.sysctl_tcp_abort_on_overflow) &&
	       BPF_CORE_READ(listener, sk_ack_backlog) >
		       BPF_CORE_READ(listener, sk_max_ack_backlog);
}

/*
 * The last ACK has come, but found the accept queue full; where a listener waits for data
 * (TCP_DEFER_ACCEPT), tcp_check_req() keeps the ACK back for that reason, too.
 */
static __always_inline bool has_overflown(const struct request_sock *req, const struct sock *sk,
					  enum standin_phase phase)
{
	const struct inet_request_sock *ireq = (const struct inet_request_sock *)req;
	const struct inet_connection_sock *listener = (const struct inet_connection_sock *)sk;

	if (!BPF_CORE_READ_BITFIELD_PROBED(ireq, acked))
		return phase == STANDIN_STOPPED && is_aborted(sk);
	return !BPF_CORE_READ(listener, icsk_accept_queue.rskq_defer_accept);
}

/* The child that takes its place has said so a moment ago. */
static __always_inline bool has_just_become(__u64 child)
{
	struct cpu *cpu = cpu__own();

	return cpu && cpu->youngest_child == child;
}

/* The cookie will be the child's, if there is one yet: inet_csk_clone_lock() copies it. */
static __always_inline void standin__tell_request(const struct request_sock *req,
						  enum standin_phase phase)
{
	struct event_standin *e;
	struct ring_slot *slot;
	__u64 cookie, turn;
	struct common c;

	if (!is_tracing())
		return;
	common__read(&c, &req->__req_common);
	cookie = common(&c, skc_cookie.counter);
	if (phase == STANDIN_STOPPED && has_just_become(cookie))
		return;
	if (!request_may_pass(&c))
		return;
	slot = standin__reserve(phase, TCP_NEW_SYN_RECV, cookie, &turn);
	if (!slot)
		return;
	e = &slot->standin;
	e->retransmits = BPF_CORE_READ(req, num_retrans);
	if (phase != STANDIN_ALIVE && has_overflown(req, common(&c, skc_listener), phase))
		e->flags |= STANDIN_ACKED;
	standin__fill_ports(e, &c);
	standin__fill_addresses(e, &c);
	standin__fill_listener(e, common(&c, skc_listener));
	ring__submit(slot, turn);
}

#endif
