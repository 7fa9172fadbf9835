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
 */
#include "newborn.h"
#include "ring.h"
#include "tracked.h"

#include <bpf/bpf_endian.h>

#define AF_INET6 10

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

static __always_inline void fill_addresses(struct event_transition *e, struct sock *sk,
					   struct tcp_sock *tp)
{
	struct sock_common *skc = &sk->__sk_common;
	__u32 *laddr = (__u32 *)e->laddr, *raddr = (__u32 *)e->raddr;

	/* Not skc_num, which is already 0 when the transition to CLOSE fires (inet_put_port()). */
	e->lport = bpf_ntohs(tp->inet_conn.icsk_inet.inet_sport);
	e->rport = bpf_ntohs(skc->skc_dport);
	if (bpf_core_field_exists(skc->skc_v6_daddr) && skc->skc_family == AF_INET6) {
		__builtin_memcpy(laddr, &skc->skc_v6_rcv_saddr, sizeof(e->laddr));
		__builtin_memcpy(raddr, &skc->skc_v6_daddr, sizeof(e->raddr));
		return;
	}
	laddr[0] = raddr[0] = 0;
	laddr[1] = raddr[1] = 0;
	laddr[2] = raddr[2] = bpf_htonl(0xffff);
	laddr[3] = tp->inet_conn.icsk_inet.inet_saddr;
	raddr[3] = skc->skc_daddr;
}

/* atomic64_read(&sk->sk_cookie); the helper, which draws one if there is none, costs a call. */
static __always_inline __u64 cookie_of(struct sock *sk)
{
	__u64 cookie = sk->__sk_common.skc_cookie.counter;

	return cookie ?: bpf_get_socket_cookie(sk);
}

static __always_inline void submit(struct sock *sk, struct tcp_sock *tp, struct tracked *t,
				   __u64 now, __u64 since, u8 old, u8 new)
{
	bool enters = new == TCP_CLOSE &&enters_time_wait(sk, tp, old);
	__u64 cookie = cookie_of(sk);
	/* Before the record has its place: what a softirq tells of it meanwhile must not be later.
	 */
	__u8 standin = new == TCP_CLOSE ? newborn__take(cookie, enters) : 0;
	struct event_transition *e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);

	if (!e) {
		__sync_fetch_and_add(&lost, 1);
		return;
	}
	e->type = EVENT_TRANSITION;
	e->old_state = old;
	e->new_state = new;
	e->owner_how = t->owner_how;
	e->flags = enters ? EVENT_ENTERS_TIME_WAIT : 0;
	e->standin = standin;
	e->error = sk->sk_err;
	e->netns = sk->__sk_common.skc_net.net->ns.inum;
	e->time = now;
	e->since = since;
	e->born = t->born;
	e->cookie = cookie;
	e->lost = *(volatile __u64 *)&lost;
	fill_addresses(e, sk, tp);
	__builtin_memcpy(&e->owner, &t->owner, sizeof(e->owner));
	if (new == TCP_CLOSE) {
		fill_end(e, sk, tp);
	} else {
		e->bytes_sent = e->bytes_received = 0;
		e->retransmits = e->rtt_us = 0;
	}
	bpf_ringbuf_submit(e, 0);
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

static __always_inline void handle(struct sock *sk, struct tcp_sock *tp, struct tracked *t, u8 old,
				   u8 new)
{
	__u64 now = bpf_ktime_get_boot_ns();
	bool child = old == TCP_LISTEN && new == TCP_SYN_RECV;
	/* The child's copy of the listener's storage says nothing of the child. */
	__u64 since = t->state == old && !child ? t->since : 0;

	if (t->state && t->state != old && !child)
		__sync_fetch_and_add(&gaps, 1);
	learn_owner(sk, t, old, new);
	if (old == TCP_CLOSE || child)
		t->born = now;
	/* A self-transition, as MPTCP makes them, does not end the stay in the state. */
	t->since = old == new ? since : now;
	t->state = new;
	if (child)
		youngest_child[youngest_child_index()] = sk->__sk_common.skc_cookie.counter;
	else if (new == TCP_LISTEN)
		tracked__add_listener(t, cookie_of(sk));
	else if (old == TCP_LISTEN && new == TCP_CLOSE)
		forget_listener(sk);
	/*
	 * Before Linux 6.15 inet_csk_clone_lock() changes the state first and fills in the
	 * addresses and the cookie then; the peer's port tells. The next transition follows
	 * within the same packet and reports both.
	 */
	if (child && !sk->__sk_common.skc_dport) {
		t->deferred = true;
		return;
	}
	if (t->deferred) {
		t->deferred = false;
		submit(sk, tp, t, since, 0, TCP_LISTEN, TCP_SYN_RECV);
	}
	submit(sk, tp, t, now, since, old, new);
}

/* NULL: nothing to trace. MPTCP's and SCTP's sockets fire the same tracepoint. */
static __always_inline struct tcp_sock *traced(struct sock *sk)
{
	return *(volatile bool *)&tracing ? bpf_skc_to_tcp_sock(sk) : NULL;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(lane_a, struct sock *sk, int old, int new)
{
	struct tcp_sock *tp = traced(sk);
	struct tracked *t;

	if (!tp)
		return 0;
	t = bpf_sk_storage_get(&tracked, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!t) {
		__sync_fetch_and_add(&unmarked, 1);
		return 0;
	}
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
	struct tracked *t = bpf_sk_storage_get(&tracked, sk, NULL, 0);
	struct tcp_sock *tp;

	if (is_marked(t, old, new))
		return 0;
	tp = traced(sk);
	if (!tp)
		return 0;
	if (!t)
		t = bpf_sk_storage_get(&tracked, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!t)
		return 0;
	__sync_fetch_and_add(&repaired, 1);
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
	struct tracked *t = bpf_sk_storage_get(&tracked, sk, NULL, 0);
	struct tcp_sock *tp;

	if (is_marked(t, old, new)) {
		t->mark_old = t->mark_new = 0;
		return 0;
	}
	tp = traced(sk);
	if (!tp)
		return 0;
	__sync_fetch_and_add(&repaired, 1);
	if (!t)
		t = bpf_sk_storage_get(&tracked, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!t) {
		__sync_fetch_and_add(&untracked, 1);
		return 0;
	}
	t->mark_old = t->mark_new = 0;
	handle(sk, tp, t, old, new);
	return 0;
}
