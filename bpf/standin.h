/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tells the user side about a stand-in. Its pointer may come from container_of(), which the
 * verifier does not follow: everything is read by bpf_probe_read_kernel().
 */
#ifndef TCPFLUX_STANDIN_H
#define TCPFLUX_STANDIN_H

#include "ring.h"
#include "tracked.h"

#include <bpf/bpf_endian.h>

#define AF_INET6 10

static __always_inline void standin__fill_ports(struct event_standin *e,
						const struct sock_common *skc)
{
	e->lport = BPF_CORE_READ(skc, skc_num);
	e->rport = bpf_ntohs(BPF_CORE_READ(skc, skc_dport));
}

static __always_inline void standin__fill_addresses(struct event_standin *e,
						    const struct sock_common *skc)
{
	__u32 *laddr = (__u32 *)e->laddr, *raddr = (__u32 *)e->raddr;

	e->netns = BPF_CORE_READ(skc, skc_net.net, ns.inum);
	if (bpf_core_field_exists(skc->skc_v6_daddr) &&
	    BPF_CORE_READ(skc, skc_family) == AF_INET6) {
		BPF_CORE_READ_INTO((struct in6_addr *)e->laddr, skc, skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO((struct in6_addr *)e->raddr, skc, skc_v6_daddr);
		return;
	}
	laddr[2] = raddr[2] = bpf_htonl(0xffff);
	laddr[3] = BPF_CORE_READ(skc, skc_rcv_saddr);
	raddr[3] = BPF_CORE_READ(skc, skc_daddr);
}

/* NULL: the ring is full, which has been counted; or nothing is traced. */
static __always_inline struct event_standin *standin__reserve(const struct sock_common *skc,
							      __u64 cookie,
							      enum standin_phase phase, __u8 state)
{
	struct event_standin *e;

	if (!*(volatile bool *)&tracing)
		return NULL;
	e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);
	if (!e) {
		__sync_fetch_and_add(&lost, 1);
		return NULL;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->type = EVENT_STANDIN;
	e->phase = phase;
	e->state = state;
	e->time = bpf_ktime_get_boot_ns();
	e->cookie = cookie;
	e->lost = *(volatile __u64 *)&lost;
	standin__fill_ports(e, skc);
	return e;
}

static __always_inline __u64 standin__cookie(const struct sock_common *skc)
{
	return BPF_CORE_READ(skc, skc_cookie.counter);
}

/*
 * The cookie is the connection's, if it had one: inet_twsk_alloc() copies it. While the stand-in
 * lives its socket's transition has told the addresses, or will at once.
 */
static __always_inline void standin__tell_timewait(const struct inet_timewait_sock *tw,
						   enum standin_phase phase, __u8 flags)
{
	const struct sock_common *skc = &tw->__tw_common;
	struct event_standin *e = standin__reserve(skc, standin__cookie(skc), phase,
						   BPF_CORE_READ(tw, tw_substate));

	if (!e)
		return;
	e->flags = flags;
	if (phase != STANDIN_ALIVE)
		standin__fill_addresses(e, skc);
	bpf_ringbuf_submit(e, 0);
}

/* A request's listener: whose it is, and whether it still listens. */
static __always_inline void standin__fill_listener(struct event_standin *e,
						   const struct sock_common *skc)
{
	const struct sock *sk = BPF_CORE_READ(skc, skc_listener);
	__u64 cookie = standin__cookie(&sk->__sk_common);
	struct listener *listener = bpf_map_lookup_elem(&listeners, &cookie);

	if (BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_LISTEN)
		e->flags |= STANDIN_UNATTENDED;
	if (!listener)
		return;
	__builtin_memcpy(&e->owner, &listener->owner, sizeof(e->owner));
	e->owner_how = listener->owner_how ? OWNER_INHERITED : OWNER_UNKNOWN;
}

/* The cookie will be the child's, if there is one yet: inet_csk_clone_lock() copies it. */
static __always_inline void standin__tell_request(const struct request_sock *req,
						  enum standin_phase phase)
{
	const struct inet_request_sock *ireq = (const struct inet_request_sock *)req;
	const struct sock_common *skc = &req->__req_common;
	__u64 cookie = standin__cookie(skc);
	struct event_standin *e;

	/* The child that takes its place has said so a moment ago. */
	if (phase == STANDIN_STOPPED && cookie == youngest_child[youngest_child_index()])
		return;
	e = standin__reserve(skc, cookie, phase, TCP_NEW_SYN_RECV);
	if (!e)
		return;
	e->retransmits = BPF_CORE_READ(req, num_retrans);
	if (BPF_CORE_READ_BITFIELD_PROBED(ireq, acked))
		e->flags |= STANDIN_ACKED;
	standin__fill_addresses(e, skc);
	standin__fill_listener(e, skc);
	bpf_ringbuf_submit(e, 0);
}

#endif
