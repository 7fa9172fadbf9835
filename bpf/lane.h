/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a lane does with a transition that none before it has done. */
#ifndef TCPFLUX_LANE_H
#define TCPFLUX_LANE_H

#include "cpus.h"
#include "ehash.h"
#include "learn.h"
#include "step.h"

extern const volatile bool timewaits_are_seen; /* by programs for tracing */

/* Is it too early to tell of it? */
static __always_inline __u8 deferral_of(struct sock *sk, u8 old, u8 new)
{
	/*
	 * Before Linux 6.15 inet_csk_clone_lock() changes the state first and fills in the
	 * addresses and the cookie then; the peer's port tells. The next transition follows
	 * within the same packet and reports both.
	 */
	if (is_born(old, new) && !sk->__sk_common.skc_dport)
		return DEFERRED_CHILD;
	/* The user side would have to keep it, as it does where nothing is filtered here. */
	if (filter__asks(FILTER_BIT(FILTER_LPORT)) && old == TCP_CLOSE && new == TCP_SYN_SENT &&
	    !sk->__sk_common.skc_num)
		return DEFERRED_CLIENT;
	return 0;
}

static __always_inline bool must_wait(__u8 deferral)
{
	return deferral == DEFERRED_CHILD || deferral == DEFERRED_CLIENT;
}

/*
 * Has something been missed? If a filter leaves out connections, one of those may have been between
 * the socket's last transition and its new begin.
 */
static __always_inline bool follows_nothing(const struct tracked *t, u8 old, u8 new)
{
	if (!t->state || t->state == old || is_born(old, new))
		return false;
	return old != TCP_CLOSE || !filter__judges_connections();
}

/*
 * Is what is there about another socket that had the same address before? This one begins then, or
 * goes on although it should be closed, where its beginning was missed.
 */
static __always_inline bool is_of_another(struct sock *sk, const struct tracked *t, u8 old, u8 new)
{
	if (old == TCP_CLOSE)
		return t->cookie != (__u64)sk->__sk_common.skc_cookie.counter;
	return is_born(old, new) || t->state == TCP_CLOSE;
}

static __always_inline void forget(struct tracked *t)
{
	__builtin_memset(&t->owner, 0, sizeof(t->owner));
	t->owner_how = OWNER_UNKNOWN;
	t->since = t->born = t->before = t->cookie = 0;
	t->state = t->deferred = t->netns = 0;
}

static __always_inline void note_child(struct sock *sk)
{
	struct cpu *cpu = cpu__own();

	if (cpu)
		cpu->youngest_child = sk->__sk_common.skc_cookie.counter;
}

/* From Linux 5.17 to 6.0. */
struct netns_ipv4___pointer {
	struct inet_timewait_death_row *tcp_death_row;
} __attribute__((preserve_access_index));

/* Of the network namespace's table. To the verifier it is a number if a helper has read it. */
static __always_inline __u64 hashinfo_of(struct tcp_sock *tp)
{
	struct netns_ipv4 *ipv4 = &common_of(tp)->skc_net.net->ipv4;
	struct netns_ipv4___pointer *other = (void *)ipv4;

	if (bpf_core_field_exists(ipv4->tcp_death_row.hashinfo))
		return (__u64)BPF_CORE_READ(ipv4, tcp_death_row.hashinfo);
	return (__u64)BPF_CORE_READ(other, tcp_death_row, hashinfo);
}

/* Of others nobody would tell the end. */
static __always_inline bool standin_is_told(struct sock *sk, struct tcp_sock *tp,
					    const struct step *step)
{
	struct filter_facts facts = {};

	if (!timewaits_are_seen || !filter__judges_rows())
		return timewaits_are_seen;
	facts__of_connection(&facts, common_of(tp), local_port(sk, tp, step->old));
	facts__may_be_timewait(&facts);
	return filter__row_passes(&facts);
}

/*
 * State of the stand-in that has taken its place; 0: none has, because there are too many
 * (net.ipv4.tcp_max_tw_buckets), or since data has come that nobody will read.
 */
static __always_inline __u8 standin_of(struct sock *sk, struct tcp_sock *tp,
				       const struct step *step, __u64 cookie)
{
	if (!step->enters || !standin_is_told(sk, tp, step))
		return 0;
	return ehash__find_standin(hashinfo_of(tp), common_of(tp)->skc_hash, cookie);
}

/*
 * `asker`: see cookie_of(). `alone`: programs for tracing are kept out, and nobody tells of a
 * request that it came from.
 */
static __always_inline void handle(struct sock *sk, struct tcp_sock *tp, struct tracked *t,
				   void *asker, bool alone, u8 old, u8 new)
{
	bool waited = t->deferred == DEFERRED_NO_MORE;
	struct step step = { .old = old, .new = new };
	__u8 deferral = deferral_of(sk, old, new);

	if (follows_nothing(t, old, new))
		__sync_fetch_and_add(&gaps, 1);
	if (is_of_another(sk, t, old, new))
		forget(t);
	step.since = t->state == old ? t->since : 0;
	learn_owner(sk, tp, t, old, new, alone);
	if (new == TCP_CLOSE) {
		t->cookie = cookie_of(sk, asker);
		step.enters = enters_time_wait(sk, tp, old);
		/*
		 * Before the record has its place: what a softirq tells of it meanwhile must not be
		 * later.
		 */
		step.standin = standin_of(sk, tp, &step, t->cookie);
	}
	/* Only now: a softirq that interrupts it may tell of something later before. */
	step.time = bpf_ktime_get_boot_ns();
	if (deferral == DEFERRED_CLIENT && row_may_pass_without_port(sk, tp, t, &step))
		deferral = DEFERRED_NO_MORE;
	t->deferred = deferral;
	if (old == TCP_CLOSE || is_born(old, new))
		t->born = step.time;
	/* A self-transition, as MPTCP makes them, does not end the stay in the state. */
	t->since = old == new ? step.since : step.time;
	t->state = new;
	if (is_born(old, new))
		note_child(sk);
	else if (new == TCP_LISTEN)
		begin_to_listen(sk, tp, t);
	else if (old == TCP_LISTEN && new == TCP_CLOSE)
		listener__remove((__u64)sk);
	if (must_wait(deferral)) {
		t->before = step.since;
		return;
	}
	/* By it a stand-in is found, which copies it: in the last row it would be too late. */
	if (filter__judges_rows() && !filter_raw)
		cookie_of(sk, asker);
	if (waited || row_may_pass(sk, tp, t, &step))
		submit(sk, tp, t, &step, asker);
}

/* NULL: nothing to trace. MPTCP's and SCTP's sockets fire the same tracepoint. */
static __always_inline struct tcp_sock *traced(struct sock *sk)
{
	return is_tracing() ? bpf_skc_to_tcp_sock(sk) : NULL;
}

/* Has its first row been told, for which the user side needs the next? */
static __always_inline bool is_awaited(struct sock *sk, struct tcp_sock *tp)
{
	struct tracked *t = table__find(sk) ?: tracked__storage(sk, tp);

	return t && t->deferred == DEFERRED_NO_MORE;
}

/*
 * May there be something of it in the table nevertheless? It may have waited, or be left over from
 * an earlier connection. A child that is just born will be asked again in the same softirq.
 */
static __always_inline bool may_be_in_table(u8 old)
{
	return old == TCP_CLOSE || old == TCP_SYN_SENT || old == TCP_SYN_RECV;
}

/* Is it a connection that can never pass, or a listener none of whose children can? */
static __always_inline bool is_left_out(struct sock *sk, struct tcp_sock *tp, u8 old, u8 new)
{
	if (connection_may_pass(common_of(tp), local_port(sk, tp, old)) ||
	    (old == TCP_SYN_SENT && is_awaited(sk, tp)))
		return false;
	if (may_be_in_table(old))
		table__leave(sk);
	if ((old == TCP_CLOSE || old == TCP_SYN_SENT) && tracked__has_storage(tp))
		bpf_sk_storage_delete(&tracked, sk);
	if (old == TCP_LISTEN && new == TCP_CLOSE)
		listener__remove((__u64)sk);
	return true;
}

/*
 * Does a client wait until its local port is chosen, and it is known whether it is left out? If it
 * has a storage, it goes on with that.
 */
static __always_inline bool waits(struct sock *sk, struct tcp_sock *tp, u8 old, u8 new)
{
	struct tracked *t;

	if (!(filter_connections.fields & FILTER_BIT(FILTER_LPORT)) ||
	    deferral_of(sk, old, new) != DEFERRED_CLIENT || tracked__has_storage(tp) ||
	    connection_may_pass_without_port(common_of(tp)) || !is_tracing())
		return false;
	t = table__reopen(sk) ?: table__open(sk);
	if (!t)
		return false;
	if (is_of_another(sk, t, old, new))
		forget(t);
	t->before = t->state == old ? t->since : 0;
	t->since = t->born = bpf_ktime_get_boot_ns();
	t->state = TCP_SYN_SENT;
	t->deferred = DEFERRED_CLIENT;
	t->mark_old = t->mark_new = 0;
	learn_owner(sk, tp, t, old, new, false);
	return true;
}

/*
 * Nothing more is to be done with it: there is no place to have a mark. That holds for what is left
 * out also while nothing is traced: to ask whether it is takes longer than all else.
 */
static __always_inline bool is_done(struct sock *sk, struct tcp_sock *tp, u8 old, u8 new)
{
	return filter__judges_connections() &&
	       (is_left_out(sk, tp, old, new) || waits(sk, tp, old, new));
}

/* What is kept of the socket, from now on at least. NULL: there is no memory. */
static __always_inline struct tracked *track(struct sock *sk, struct tcp_sock *tp, int old)
{
	struct tracked *t = table__find(sk);

	if (!t && old == TCP_CLOSE)
		t = table__reopen(sk);
	t = t ?: tracked__storage(sk, tp) ?: table__open(sk);
	return t ?: bpf_sk_storage_get(&tracked, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
}

/* Is there a row that has waited for this transition, and is told first? */
static __always_inline bool is_due(struct sock *sk, const struct tracked *t, u8 old, u8 new)
{
	return must_wait(t->deferred) && old != TCP_CLOSE && !is_of_another(sk, t, old, new);
}

#endif
