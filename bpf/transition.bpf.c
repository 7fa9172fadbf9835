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
#include "facts.h"
#include "newborn.h"
#include "ring.h"
#include "tracked.h"
#include "waiting.h"

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

/* atomic64_read(&sk->sk_cookie); the helper, which draws one if there is none, costs a call. */
static __always_inline __u64 cookie_of(struct sock *sk)
{
	__u64 cookie = sk->__sk_common.skc_cookie.counter;

	return cookie ?: bpf_get_socket_cookie(sk);
}

/*
 * At the first transition nothing is chosen yet, and what is there may be from an earlier
 * connection of the socket; not skc_num later, which is already 0 when the one to CLOSE fires
 * (inet_put_port()).
 */
static __always_inline __u16 local_port(struct sock *sk, struct tcp_sock *tp, u8 old)
{
	return old == TCP_CLOSE ? sk->__sk_common.skc_num
				: bpf_ntohs(tp->inet_conn.icsk_inet.inet_sport);
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

static __always_inline bool row_may_pass(struct sock *sk, struct tcp_sock *tp,
					 const struct tracked *t, const struct step *step)
{
	struct filter_facts facts = { .unknown = FILTER_OWNER };

	if (!filter__judges_rows())
		return true;
	facts__of_connection(&facts, &sk->__sk_common, local_port(sk, tp, step->old));
	if (t->owner_how)
		facts__set_owner(&facts, &t->owner);
	facts__of_step(&facts, t, step);
	return filter__row_passes(&facts);
}

static __always_inline void submit(struct sock *sk, struct tcp_sock *tp, struct tracked *t,
				   const struct step *step)
{
	__u64 cookie = cookie_of(sk);
	struct event_transition *e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);

	if (!e) {
		__sync_fetch_and_add(&lost, 1);
		return;
	}
	e->type = EVENT_TRANSITION;
	e->old_state = step->old;
	e->new_state = step->new;
	e->owner_how = t->owner_how;
	e->flags = step->enters ? EVENT_ENTERS_TIME_WAIT : 0;
	e->standin = step->standin;
	e->error = sk->sk_err;
	e->netns = sk->__sk_common.skc_net.net->ns.inum;
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
	bpf_ringbuf_submit(e, 0);
}

/*
 * The first row of the socket, now that it can be told. Returns whether the user side waits for the
 * next one, which tells it a client's local port.
 */
static __always_inline bool submit_deferred(struct sock *sk, struct tcp_sock *tp, struct tracked *t,
					    __u64 time)
{
	bool client = t->deferred == DEFERRED_CLIENT, passes;
	struct step step = {
		.time = time,
		.since = client ? t->before : 0,
		.old = client ? TCP_CLOSE : TCP_LISTEN,
		.new = client ? TCP_SYN_SENT : TCP_SYN_RECV,
	};

	passes = row_may_pass(sk, tp, t, &step);
	if (passes)
		submit(sk, tp, t, &step);
	t->deferred = 0;
	return client && passes;
}

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
		tracked__set_owner(t, bpf_get_current_task_btf(), bpf_get_current_cgroup_id(),
				   OWNER_SELF);
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
	if (connection_may_pass(&sk->__sk_common, local_port(sk, tp, old)))
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
