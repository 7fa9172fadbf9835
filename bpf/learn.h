/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whose a socket is, as far as its own transitions tell; what else does is in owner.bpf.c. */
#ifndef TCPFLUX_LEARN_H
#define TCPFLUX_LEARN_H

#include <bpf/bpf_endian.h>

#include "listener.h"
#include "table.h"

/*
 * Is this a transition that only a close() or shutdown() makes? Others may come from a packet in
 * the backlog, which whoever holds the socket handles, an ss that lists it included. `ss -K` closes
 * other people's sockets, but sets sk_err first (tcp_abort()).
 */
static __always_inline bool closed_by_process(struct sock *sk, u8 new)
{
	return new == TCP_FIN_WAIT1 || new == TCP_LAST_ACK || (new == TCP_CLOSE && !sk->sk_err);
}

static __always_inline bool is_born(u8 old, u8 new)
{
	return old == TCP_LISTEN && new == TCP_SYN_RECV;
}

static __always_inline void take_owner(struct tracked *t, const struct event_owner *owner, u8 how)
{
	__builtin_memcpy(&t->owner, owner, sizeof(t->owner));
	t->owner_how = how;
}

static __always_inline void inherit_owner(struct tcp_sock *tp, struct tracked *t)
{
	struct listener *listener = listener__of_child(tp);

	if (listener && listener->owner_how)
		take_owner(t, &listener->owner, OWNER_INHERITED);
}

/* It has forgotten its listener since its birth, of which no lane has heard. */
static __always_inline void inherit_late(struct tcp_sock *tp, struct tracked *t)
{
	__u16 port = bpf_ntohs(tp->inet_conn.icsk_inet.inet_sport);

	if (listener__owner_of_only(&t->owner, netns_of(tp, t), port))
		t->owner_how = OWNER_INHERITED;
}

/* What the walk over all open files has found out meanwhile. */
static __always_inline void recall_owner(struct sock *sk, struct tcp_sock *tp, struct tracked *t,
					 u8 old)
{
	struct tracked *found = tracked__storage(sk, tp);
	struct listener *listener = old == TCP_LISTEN ? listener__at((__u64)sk) : NULL;

	if (listener)
		take_owner(t, &listener->owner, listener->owner_how);
	else if (found && found->owner_how)
		take_owner(t, &found->owner, found->owner_how);
}

/*
 * Who makes this transition? connect() and listen() run in the caller's context. late: a birth is
 * over already.
 */
static __always_inline void learn_owner(struct sock *sk, struct tcp_sock *tp, struct tracked *t,
					u8 old, u8 new, bool late)
{
	if (old == TCP_CLOSE) {
		tracked__own(t, OWNER_SELF);
		return;
	}
	if (is_born(old, new)) {
		if (late)
			inherit_late(tp, t);
		else
			inherit_owner(tp, t);
		return;
	}
	if (!t->owner_how)
		recall_owner(sk, tp, t, old);
	if (!tracked__owner_is_sure(t) && closed_by_process(sk, new))
		tracked__used_by_holder(t, sk);
}

static __always_inline void begin_to_listen(struct sock *sk, struct tcp_sock *tp, struct tracked *t)
{
	struct listener listener = { .netns = netns_of(tp, t), .port = sk->__sk_common.skc_num };

	__builtin_memcpy(&listener.owner, &t->owner, sizeof(listener.owner));
	listener.owner_how = t->owner_how;
	listener__add((__u64)sk, &listener);
}

#endif
