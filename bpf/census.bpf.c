// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The walk over all TCP sockets of a network namespace: whole ones and stand-ins, with what ss
 * would tell about each (tcp_diag_get_info(), inet_sk_diag_fill(), inet_twsk_diag_fill() and
 * inet_req_diag_fill() in the kernel). The iterator holds a whole socket's lock meanwhile. Before
 * it comes one over all open files, for the owners.
 */
#include "files.h"
#include "holders.h"

#include "socket.h"

#include <bpf/bpf_endian.h>

/* icsk_pending, include/net/inet_connection_sock.h */
#define ICSK_TIME_RETRANS     1
#define ICSK_TIME_PROBE0      3
#define ICSK_TIME_LOSS_PROBE  5
#define ICSK_TIME_REO_TIMEOUT 6

#define IPPROTO_MPTCP 262

/* Who has which socket open. MPTCP's counts for those of TCP behind it, see holder_of(). */
SEC("?iter/task_file")
int find_holder(struct bpf_iter__task_file *ctx)
{
	struct sock *sk = socket_of_step(ctx);
	struct task_struct *task = ctx->task;
	struct holder *holder;
	__u64 cookie;

	if (!task || !sk || !(is_wanted(sk) || sk->sk_protocol == IPPROTO_MPTCP))
		return 0;
	cookie = bpf_get_socket_cookie(sk);
	holder = holders__find(cookie);
	if (!holder || holder__is_taken(holder))
		return 0;
	owner__set(&holder->owner, task, task->cgroups->dfl_cgrp->kn->id);
	holder->cookie = cookie;
	holder->walk = holders_walk;
	return 0;
}

/* Where the timers are, or were: until 6.17, since 7.0, and in between. */
struct inet_connection_sock___until_6_17 {
	unsigned long icsk_timeout;
} __attribute__((preserve_access_index));

struct sock___since_7_0 {
	struct timer_list tcp_retransmit_timer;
} __attribute__((preserve_access_index));

struct inet_connection_sock___timers {
	struct timer_list icsk_retransmit_timer;
	struct timer_list icsk_keepalive_timer;
	struct {
		__u32 lrcvtime;
	} icsk_ack;
} __attribute__((preserve_access_index));

static __always_inline unsigned long retransmit_expires(struct tcp_sock *tp)
{
	struct inet_connection_sock___until_6_17 *old = (void *)tp;
	struct inet_connection_sock___timers *icsk = (void *)tp;
	struct sock___since_7_0 *new = (void *)tp;

	if (bpf_core_field_exists(new->tcp_retransmit_timer))
		return BPF_CORE_READ(new, tcp_retransmit_timer.expires);
	if (bpf_core_field_exists(old->icsk_timeout))
		return BPF_CORE_READ(old, icsk_timeout);
	return BPF_CORE_READ(icsk, icsk_retransmit_timer.expires);
}

/* 0: it does not run (timer_pending()). */
static __always_inline unsigned long keepalive_expires(struct tcp_sock *tp)
{
	struct inet_connection_sock___timers *icsk = (void *)tp;
	struct sock *sk = (void *)tp;

	if (bpf_core_field_exists(icsk->icsk_keepalive_timer) &&
	    BPF_CORE_READ(icsk, icsk_keepalive_timer.entry.pprev))
		return BPF_CORE_READ(icsk, icsk_keepalive_timer.expires);
	/* Later it is the memory of the one that sends again. */
	if (!bpf_core_field_exists(((struct sock___since_7_0 *)sk)->tcp_retransmit_timer) &&
	    BPF_CORE_READ(sk, sk_timer.entry.pprev))
		return BPF_CORE_READ(sk, sk_timer.expires);
	return 0;
}

static __always_inline void set_timer(struct socket_record *r, enum socket_timer timer,
				      unsigned long expires, __u8 retransmits)
{
	r->timer = timer;
	r->timer_ticks = (__s32)(expires - (unsigned long)bpf_jiffies64());
	r->timer_retransmits = retransmits;
}

static __always_inline void fill_timer(struct socket_record *r, struct tcp_sock *tp)
{
	struct inet_connection_sock *icsk = &tp->inet_conn;
	unsigned long keepalive;

	switch (icsk->icsk_pending) {
	case ICSK_TIME_RETRANS:
	case ICSK_TIME_LOSS_PROBE:
	case ICSK_TIME_REO_TIMEOUT:
		set_timer(r, SOCKET_TIMER_ON, retransmit_expires(tp), icsk->icsk_retransmits);
		return;
	case ICSK_TIME_PROBE0:
		set_timer(r, SOCKET_TIMER_PERSIST, retransmit_expires(tp), icsk->icsk_probes_out);
		return;
	}
	keepalive = keepalive_expires(tp);
	if (keepalive)
		set_timer(r, SOCKET_TIMER_KEEPALIVE, keepalive, icsk->icsk_probes_out);
}

static __always_inline void fill_load(struct socket_record *r, struct tcp_sock *tp)
{
	struct inet_connection_sock___timers *icsk = (void *)tp;
	struct sock *sk = (void *)tp;
	bool got_fin = sk->__sk_common.skc_flags & (1 << SOCK_DONE);
	__u32 unread = tp->rcv_nxt - tp->copied_seq, now = bpf_jiffies64();

	/* A FIN that nobody has read yet makes it negative for a moment, see tcp_diag_get_info().
	 */
	r->recv_q = (__s32)unread > 0 ? unread : 0;
	r->send_q = tp->write_seq - tp->snd_una;
	r->flags |= SOCKET_CARRIES;
	r->bytes_sent = tp->bytes_sent - tp->bytes_retrans;
	/* tcp_rcv_nxt_update() counts the FIN's sequence number as a byte. */
	r->bytes_received = tp->bytes_received - got_fin;
	r->retransmits = tp->total_retrans;
	r->rtt_us = tp->srtt_us >> 3; /* stored times eight */
	r->cwnd = tp->snd_cwnd;
	r->sent_ticks = now - tp->lsndtime;
	r->received_ticks = now - BPF_CORE_READ(icsk, icsk_ack.lrcvtime);
}

/*
 * Which process has the socket open. Behind MPTCP's, which one has open, are some of TCP, which
 * point to it as long as it is open (mptcp_sock_graft()).
 */
static __always_inline struct holder *holder_of(struct sock *sk)
{
	struct socket *socket = sk->sk_socket;
	struct sock *open = socket ? socket->sk : NULL;
	__u64 cookie = open ? open->__sk_common.skc_cookie.counter : 0;
	struct holder *holder = cookie ? holders__find(cookie) : NULL;

	return holder && holder__is_taken(holder) ? holder : NULL;
}

static __always_inline void fill_owner(struct socket_record *r, struct sock *sk)
{
	struct holder *holder = holder_of(sk);

	if (!holder)
		return;
	__builtin_memcpy(&r->owner, &holder->owner, sizeof(r->owner));
	r->owner_how = OWNER_SNAPSHOT;
}

static __always_inline void fill_whole(struct socket_record *r, struct tcp_sock *tp)
{
	struct sock *sk = (struct sock *)tp;

	fill_owner(r, sk);
	if (r->state == TCP_LISTEN) {
		r->recv_q = sk->sk_ack_backlog;
		r->send_q = sk->sk_max_ack_backlog;
		return;
	}
	fill_load(r, tp);
	fill_timer(r, tp);
}

static __always_inline void fill_common(struct socket_record *r, struct sock_common *skc)
{
	__u32 *laddr = (__u32 *)r->laddr, *raddr = (__u32 *)r->raddr;

	r->state = skc->skc_state;
	r->netns = skc->skc_net.net->ns.inum;
	r->lport = skc->skc_num;
	r->rport = bpf_ntohs(skc->skc_dport);
	r->cookie = bpf_get_socket_cookie(skc);
	if (bpf_core_field_exists(skc->skc_v6_daddr) && skc->skc_family == AF_INET6) {
		__builtin_memcpy(laddr, &skc->skc_v6_rcv_saddr, sizeof(r->laddr));
		__builtin_memcpy(raddr, &skc->skc_v6_daddr, sizeof(r->raddr));
		return;
	}
	laddr[2] = raddr[2] = bpf_htonl(0xffff);
	laddr[3] = skc->skc_rcv_saddr;
	raddr[3] = skc->skc_daddr;
}

/* To the filter it is what a transition to its state would be, see filter__match_socket(). */
static __always_inline bool socket_may_pass(const struct socket_record *r)
{
	struct filter_facts facts = {
		.sets = { [FILTER_OLD] = state_bit(r->state), [FILTER_NEW] = state_bit(r->state) },
		.unknown = FILTER_OWNER | FILTER_TIMES,
	};

	if (!filter__judges_rows())
		return true;
	facts__set_ports(&facts, r->lport, r->rport);
	filter_facts__set_number(&facts, FILTER_NETNS, r->netns);
	__builtin_memcpy(facts.addresses[0].words, r->laddr, sizeof(r->laddr));
	__builtin_memcpy(facts.addresses[1].words, r->raddr, sizeof(r->raddr));
	facts__set_family(&facts);
	if (r->owner_how)
		facts__set_owner(&facts, &r->owner);
	return filter__row_passes(&facts);
}

/*
 * What these are is told by their state. Casts such as bpf_skc_to_tcp_timewait_sock() look at the
 * protocol, which is not TCP's own where the listener was another one's (MPTCP's: a request has its
 * listener's sk_prot, and TIME_WAIT the one that sk_clone_lock() was given).
 */
static __always_inline void fill_timewait(struct socket_record *r, struct sock_common *skc)
{
	struct inet_timewait_sock *tw = (void *)skc;

	r->state = BPF_CORE_READ(tw, tw_substate);
	set_timer(r, SOCKET_TIMER_TIMEWAIT, BPF_CORE_READ(tw, tw_timer.expires), 0);
}

static __always_inline void fill_request(struct socket_record *r, struct sock_common *skc)
{
	struct request_sock *req = (void *)skc;

	r->state = TCP_SYN_RECV;
	set_timer(r, SOCKET_TIMER_ON, BPF_CORE_READ(req, rsk_timer.expires),
		  BPF_CORE_READ(req, num_retrans));
}

/* Is it TCP's? */
static __always_inline bool fill(struct socket_record *r, struct sock_common *skc)
{
	struct tcp_sock *tp;

	fill_common(r, skc);
	if (r->state == TCP_TIME_WAIT) {
		fill_timewait(r, skc);
	} else if (r->state == TCP_NEW_SYN_RECV) {
		fill_request(r, skc);
	} else {
		tp = bpf_skc_to_tcp_sock(skc);
		if (!tp)
			return false;
		fill_whole(r, tp);
	}
	return true;
}

SEC("?iter/tcp")
int write_socket(struct bpf_iter__tcp *ctx)
{
	struct socket_record r = { .type = SOCKET_RECORD };
	struct sock_common *skc = ctx->sk_common;

	/* A record that finds the buffer full is written once more (bpf_seq_read()). */
	if (skc && fill(&r, skc) && socket_may_pass(&r))
		bpf_seq_write(ctx->meta->seq, &r, sizeof(r));
	return 0;
}
