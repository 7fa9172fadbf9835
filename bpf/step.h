/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One transition of a socket, what the filter knows of it, and the record that tells of it. */
#ifndef TCPFLUX_STEP_H
#define TCPFLUX_STEP_H

#include "facts.h"
#include "ring.h"
#include "tracked.h"

static __always_inline bool all_acked(struct tcp_sock *tp)
{
	return tp->snd_una == tp->write_seq;
}

/*
 * Will tcp_time_wait() have put a stand-in into this socket's place? It does so, and then closes
 * the socket, when the peer's FIN comes in FIN_WAIT2 (tcp_fin() sets SOCK_DONE just before) or the
 * last ACK in CLOSING, and for an orphan in FIN_WAIT2 unless TCP_LINGER2 forbids it. A close with
 * SO_LINGER 0 or with unread data also ends FIN_WAIT2 without an error, but before the socket
 * becomes an orphan (__tcp_close()).
 */
static __always_inline bool enters_time_wait(struct sock *sk, struct tcp_sock *tp, u8 old)
{
	unsigned long flags = sk->__sk_common.skc_flags;

	if (sk->sk_err)
		return false;
	if (old == TCP_CLOSING)
		return all_acked(tp);
	if (old != TCP_FIN_WAIT2)
		return false;
	return flags & (1 << SOCK_DONE) || (flags & (1 << SOCK_DEAD) && tp->linger2 >= 0);
}

/* What can be told only at the end: how it ended, and what it carried. */
static __always_inline void fill_end(struct event_transition *e, struct sock *sk,
				     struct tcp_sock *tp)
{
	bool got_fin = sk->__sk_common.skc_flags & (1 << SOCK_DONE);

	if (all_acked(tp))
		e->flags |= EVENT_FIN_ACKED;
	e->bytes_sent = tp->bytes_sent - tp->bytes_retrans;
	/* tcp_rcv_nxt_update() counts the FIN's sequence number as a byte. */
	e->bytes_received = tp->bytes_received - got_fin;
	e->retransmits = tp->total_retrans;
	e->rtt_us = tp->srtt_us >> 3; /* stored times eight */
}

/*
 * atomic64_read(&sk->sk_cookie); the helper, which draws one if there is none, costs a call.
 * `asker`: what it wants to have, the socket, or the context of a program that is not one for
 * tracing.
 */
static __always_inline __u64 cookie_of(struct sock *sk, void *asker)
{
	__u64 cookie = sk->__sk_common.skc_cookie.counter;

	return cookie ?: bpf_get_socket_cookie(asker);
}

/*
 * At the first transition nothing is chosen yet, and what is in inet_sport may be from an earlier
 * connection of the socket; but there it is still when the one to CLOSE fires, and skc_num is
 * already 0 (inet_put_port()). The mask does nothing but let the verifier forget how it came about:
 * else Linux 6.1 goes on from each of the ways, and may find them too many.
 */
static __always_inline __u16 local_port(struct sock *sk, struct tcp_sock *tp, u8 old)
{
	__u32 port = sk->__sk_common.skc_num;

	if (!port && old != TCP_CLOSE)
		port = bpf_ntohs(tp->inet_conn.icsk_inet.inet_sport);
	asm volatile("%0 &= 0xffff" : "+r"(port));
	return port;
}

/* What is to be told of a transition. */
struct step {
	__u64 time, since;
	__u8 old, new;
	__u8 standin; /* state of the stand-in that was seen to take its place; 0: none was */
	bool enters;  /* a TIME_WAIT stand-in takes its place */
};

/* What the row is, or what the user side may make of it. */
static __always_inline void facts__of_step(struct filter_facts *facts, const struct tracked *t,
					   const struct step *step)
{
	bool timewait = step->new == TCP_CLOSE &&
			(step->old == TCP_FIN_WAIT2 || step->old == TCP_CLOSING || step->standin);

	facts->sets[FILTER_OLD] = state_bit(step->old);
	facts->sets[FILTER_NEW] = state_bit(step->new);
	filter_facts__set_number(facts, FILTER_STATE_TIME, step->time - step->since);
	if (!step->since)
		facts->unknown |= FILTER_BIT(FILTER_STATE_TIME);
	filter_facts__set_number(facts, FILTER_LIFE, step->time - t->born);
	if (!t->born || step->new != TCP_CLOSE)
		facts->unknown |= FILTER_BIT(FILTER_LIFE);
	if (filter_raw)
		return;
	if (timewait)
		facts__may_be_timewait(facts);
	if (step->old != TCP_LISTEN || step->new != TCP_SYN_RECV)
		return;
	facts__may_be_request(facts);
	/* Then the request may have passed because it was not known whose it is. */
	if (filter_strangers)
		facts->open |= FILTER_OWNER;
}

static __always_inline void facts__of_row(struct filter_facts *facts, struct sock *sk,
					  struct tcp_sock *tp, const struct tracked *t,
					  const struct step *step)
{
	facts__of_connection(facts, common_of(tp), local_port(sk, tp, step->old));
	if (t->owner_how)
		facts__set_owner(facts, &t->owner);
	facts__of_step(facts, t, step);
}

static __always_inline bool row_may_pass(struct sock *sk, struct tcp_sock *tp,
					 const struct tracked *t, const struct step *step)
{
	struct filter_facts facts;

	if (!filter__judges_rows())
		return true;
	facts = (struct filter_facts){ .unknown = FILTER_OWNER };
	facts__of_row(&facts, sk, tp, t, step);
	return filter__row_passes(&facts);
}

/* May it pass even if the local port, which it has not yet, will be none of those asked for? */
static __always_inline bool row_may_pass_without_port(struct sock *sk, struct tcp_sock *tp,
						      const struct tracked *t,
						      const struct step *step)
{
	struct filter_facts facts = { .unknown = FILTER_OWNER };

	facts__of_row(&facts, sk, tp, t, step);
	facts.open &= ~FILTER_BIT(FILTER_LPORT);
	return filter__row_passes(&facts);
}

static __always_inline void submit(struct sock *sk, struct tcp_sock *tp, struct tracked *t,
				   const struct step *step, void *asker)
{
	__u64 cookie = cookie_of(sk, asker);
	struct event_transition *e;
	struct ring_slot *slot;
	__u64 turn;

	slot = ring__reserve(&turn);
	if (!slot)
		return;
	e = &slot->transition;
	e->type = EVENT_TRANSITION;
	e->old_state = step->old;
	e->new_state = step->new;
	e->owner_how = t->owner_how;
	e->flags = step->enters ? EVENT_ENTERS_TIME_WAIT : 0;
	e->standin = step->standin;
	e->error = sk->sk_err;
	e->netns = netns_of(tp, t);
	e->time = step->time;
	e->since = step->since;
	e->born = t->born;
	e->cookie = cookie;
	e->lost = *(volatile __u64 *)&lost;
	e->lport = local_port(sk, tp, step->old);
	e->rport = bpf_ntohs(sk->__sk_common.skc_dport);
	addresses_of(&sk->__sk_common, (__u32 *)e->laddr, (__u32 *)e->raddr);
	/* As it was then. */
	if (t->deferred == DEFERRED_CLIENT)
		e->lport = e->error = 0;
	__builtin_memcpy(&e->owner, &t->owner, sizeof(e->owner));
	if (step->new == TCP_CLOSE) {
		fill_end(e, sk, tp);
	} else {
		e->bytes_sent = e->bytes_received = 0;
		e->retransmits = e->rtt_us = 0;
	}
	ring__submit(slot, turn);
}

/*
 * The first row of the socket, now that it can be told. Returns whether the user side waits for the
 * next one, which tells it a client's local port.
 */
static __always_inline bool submit_deferred(struct sock *sk, struct tcp_sock *tp, struct tracked *t,
					    void *asker)
{
	bool client = t->deferred == DEFERRED_CLIENT;
	struct step step = {
		.time = t->since,
		.since = client ? t->before : 0,
		.old = client ? TCP_CLOSE : TCP_LISTEN,
		.new = client ? TCP_SYN_SENT : TCP_SYN_RECV,
	};

	if (!row_may_pass(sk, tp, t, &step))
		return false;
	submit(sk, tp, t, &step, asker);
	return client;
}

#endif
