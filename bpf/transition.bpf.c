// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tracepoint sock:inet_sock_set_state, in two lanes or more.
 *
 * A BPF program is skipped when it runs already on that CPU (__bpf_trace_run() in
 * kernel/trace/bpf_trace.c): a softirq that interrupts it and changes another socket's state is
 * lost to it. So the same work is attached twice. Lane A comes first, does it, and marks the
 * socket; lane B takes the mark away, or, where there is none for this very transition, does the
 * work that lane A could not. The mark lies in the socket's storage because a socket's lock orders
 * its transitions; two sockets may interleave on one CPU. It is the pair of states, so that one
 * left over from a transition whose lane B was skipped can't hide the next one.
 *
 * Where the program may be preempted besides (user/sources/lanes.c), it is skipped for all that
 * runs on that CPU until its task goes on, and lane B, at work meanwhile, is soon preempted too.
 * There spare lanes lie in between, and do and mark what none before them has.
 *
 * What a filter leaves out for good has no storage. Its marks are in the table that totals.bpf.c
 * has, see marks.h.
 */
#include "newborn.h"
#include "step.h"
#include "waiting.h"

/*
 * Is this a transition that only a close() or shutdown() makes? Others may come from a packet in
 * the backlog, which whoever holds the socket handles, an ss that lists it included. `ss -K` closes
 * other people's sockets, but sets sk_err first (tcp_abort()).
 */
static __always_inline bool closed_by_process(struct sock *sk, u8 new)
{
	return new == TCP_FIN_WAIT1 || new == TCP_LAST_ACK || (new == TCP_CLOSE && !sk->sk_err);
}

/* Who makes this transition? connect() and listen() run in the caller's context. */
static __always_inline void learn_owner(struct sock *sk, struct tracked *t, u8 old, u8 new)
{
	if (old == TCP_CLOSE)
		tracked__own(t, OWNER_SELF);
	else if (old == TCP_LISTEN && new == TCP_SYN_RECV)
		t->owner_how = t->owner_how ? OWNER_INHERITED : OWNER_UNKNOWN;
	else if (!tracked__owner_is_sure(t) && closed_by_process(sk, new))
		tracked__used_by_holder(t, sk);
}

static __always_inline void forget_listener(struct sock *sk)
{
	__u64 cookie = cookie_of(sk);

	bpf_map_delete_elem(&listeners, &cookie);
}

/* Is it too early to tell of it? */
static __always_inline __u8 deferral_of(struct sock *sk, u8 old, u8 new)
{
	/*
	 * Before Linux 6.15 inet_csk_clone_lock() changes the state first and fills in the
	 * addresses and the cookie then; the peer's port tells. The next transition follows
	 * within the same packet and reports both.
	 */
	if (old == TCP_LISTEN && new == TCP_SYN_RECV && !sk->__sk_common.skc_dport)
		return DEFERRED_CHILD;
	/* The user side would have to keep it, as it does where nothing is filtered here. */
	if (filter__asks(FILTER_BIT(FILTER_LPORT)) && old == TCP_CLOSE && new == TCP_SYN_SENT &&
	    !sk->__sk_common.skc_num)
		return DEFERRED_CLIENT;
	return 0;
}

/*
 * Has something been missed? A child's storage is a copy of its listener's; and if a filter leaves
 * out connections, one of those may have been between the socket's last transition and its new
 * begin.
 */
static __always_inline bool follows_nothing(const struct tracked *t, u8 old, u8 new)
{
	if (!t->state || t->state == old || (old == TCP_LISTEN && new == TCP_SYN_RECV))
		return false;
	return old != TCP_CLOSE || !filter__judges_connections();
}

static __always_inline void handle(struct sock *sk, struct tcp_sock *tp, struct tracked *t, u8 old,
				   u8 new)
{
	bool child = old == TCP_LISTEN && new == TCP_SYN_RECV, waited = false;
	struct step step = {
		.time = bpf_ktime_get_boot_ns(),
		/* The child's copy of the listener's storage says nothing of the child. */
		.since = t->state == old && !child ? t->since : 0,
		.old = old,
		.new = new,
	};
	__u8 deferral = deferral_of(sk, old, new);

	if (follows_nothing(t, old, new))
		__sync_fetch_and_add(&gaps, 1);
	learn_owner(sk, t, old, new);
	if (t->deferred && old != TCP_CLOSE)
		waited = submit_deferred(sk, tp, t, t->since);
	t->deferred = deferral;
	if (old == TCP_CLOSE || child)
		t->born = step.time;
	/* A self-transition, as MPTCP makes them, does not end the stay in the state. */
	t->since = old == new ? step.since : step.time;
	t->state = new;
	if (child)
		youngest_child[youngest_child_index()] = sk->__sk_common.skc_cookie.counter;
	else if (new == TCP_LISTEN)
		tracked__add_listener(t, cookie_of(sk));
	else if (old == TCP_LISTEN && new == TCP_CLOSE)
		forget_listener(sk);
	if (deferral) {
		t->before = step.since;
		return;
	}
	/* By it a stand-in is found, which copies it: in the last row it would be too late. */
	if (filter__judges_rows() && !filter_raw)
		cookie_of(sk);
	if (new == TCP_CLOSE) {
		step.enters = enters_time_wait(sk, tp, old);
		/*
		 * Before the record has its place: what a softirq tells of it meanwhile must not be
		 * later.
		 */
		step.standin = newborn__take(cookie_of(sk), step.enters);
	}
	if (waited || row_may_pass(sk, tp, t, &step))
		submit(sk, tp, t, &step);
}

/* NULL: nothing to trace. MPTCP's and SCTP's sockets fire the same tracepoint. */
static __always_inline struct tcp_sock *traced(struct sock *sk)
{
	return *(volatile bool *)&tracing ? bpf_skc_to_tcp_sock(sk) : NULL;
}

/*
 * Is it a connection that can never pass, or a listener none of whose children can? A child keeps
 * the storage that came with its listener's: it costs less to let it be.
 */
static __always_inline bool is_left_out(struct sock *sk, struct tcp_sock *tp, u8 old, u8 new)
{
	if (connection_may_pass(common_of(tp), local_port(sk, tp, old)))
		return false;
	if (old == TCP_SYN_SENT && filter__asks(FILTER_BIT(FILTER_LPORT)))
		waiting__leave(sk, NULL);
	/* What is there is of an earlier connection, or found no place to wait. */
	if (old == TCP_CLOSE || old == TCP_SYN_SENT)
		bpf_sk_storage_delete(&tracked, sk);
	if (old == TCP_LISTEN && new == TCP_CLOSE)
		forget_listener(sk);
	return true;
}

/* Does a client wait until it is known whether it is left out? See waiting.h. */
static __always_inline bool waits(struct sock *sk, u8 old, u8 new)
{
	struct tracked *t;

	if (!(filter_connections.fields & FILTER_BIT(FILTER_LPORT)) ||
	    deferral_of(sk, old, new) != DEFERRED_CLIENT ||
	    bpf_sk_storage_get(&tracked, sk, NULL, 0))
		return false;
	t = waiting__claim(sk);
	if (!t)
		return false;
	t->since = t->born = bpf_ktime_get_boot_ns();
	t->before = 0;
	t->state = TCP_SYN_SENT;
	t->deferred = DEFERRED_CLIENT;
	t->mark_old = t->mark_new = 0;
	learn_owner(sk, t, old, new);
	return true;
}

/* Now that it is not left out, it goes on with what has waited. */
static __always_inline void waited(struct sock *sk, struct tracked *t, u8 old)
{
	if (filter_connections.fields & FILTER_BIT(FILTER_LPORT) && old == TCP_SYN_SENT &&
	    !t->state)
		waiting__leave(sk, t);
}

/* Nothing more is to be done with it: there is no storage to have a mark. */
static __always_inline bool is_done(struct sock *sk, struct tcp_sock *tp, u8 old, u8 new)
{
	return filter__judges_connections() &&
	       (is_left_out(sk, tp, old, new) || waits(sk, old, new));
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(lane_a, struct sock *sk, int old, int new)
{
	struct tcp_sock *tp = traced(sk);
	struct tracked *t;

	if (!tp)
		return 0;
	if (is_done(sk, tp, old, new)) {
		if (!put_mark(sk, old, new))
			__sync_fetch_and_add(&unmarked, 1);
		return 0;
	}
	t = bpf_sk_storage_get(&tracked, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!t) {
		__sync_fetch_and_add(&unmarked, 1);
		return 0;
	}
	waited(sk, t, old);
	t->mark_old = old;
	t->mark_new = new;
	handle(sk, tp, t, old, new);
	return 0;
}

static __always_inline bool is_marked(const struct tracked *t, int old, int new)
{
	return t && t->mark_old == old && t->mark_new == new;
}

static __always_inline int spare_lane(struct sock *sk, int old, int new)
{
	struct tracked *t;
	struct tcp_sock *tp;

	if (filter__judges_connections() && has_mark(sk, old, new, false))
		return 0;
	t = bpf_sk_storage_get(&tracked, sk, NULL, 0);
	if (is_marked(t, old, new))
		return 0;
	tp = traced(sk);
	if (!tp)
		return 0;
	if (is_done(sk, tp, old, new)) {
		if (put_mark(sk, old, new))
			__sync_fetch_and_add(&repaired, 1);
		return 0;
	}
	if (!t)
		t = bpf_sk_storage_get(&tracked, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!t)
		return 0;
	__sync_fetch_and_add(&repaired, 1);
	waited(sk, t, old);
	t->mark_old = old;
	t->mark_new = new;
	handle(sk, tp, t, old, new);
	return 0;
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(spare_1, struct sock *sk, int old, int new)
{
	return spare_lane(sk, old, new);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(spare_2, struct sock *sk, int old, int new)
{
	return spare_lane(sk, old, new);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(spare_3, struct sock *sk, int old, int new)
{
	return spare_lane(sk, old, new);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(spare_4, struct sock *sk, int old, int new)
{
	return spare_lane(sk, old, new);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(lane_b, struct sock *sk, int old, int new)
{
	struct tracked *t;
	struct tcp_sock *tp;

	if (filter__judges_connections() && has_mark(sk, old, new, true))
		return 0;
	t = bpf_sk_storage_get(&tracked, sk, NULL, 0);
	if (is_marked(t, old, new)) {
		t->mark_old = t->mark_new = 0;
		return 0;
	}
	tp = traced(sk);
	if (!tp)
		return 0;
	__sync_fetch_and_add(&repaired, 1);
	if (is_done(sk, tp, old, new))
		return 0;
	if (!t)
		t = bpf_sk_storage_get(&tracked, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!t) {
		__sync_fetch_and_add(&untracked, 1);
		return 0;
	}
	waited(sk, t, old);
	t->mark_old = t->mark_new = 0;
	handle(sk, tp, t, old, new);
	return 0;
}
