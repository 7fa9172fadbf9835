// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * TIME_WAIT, and FIN_WAIT2 of an orphan: tcp_time_wait() puts a small stand-in into the socket's
 * place and closes the socket. Here by trampolines; timers.bpf.c is the way without them.
 */
#include "standin.h"

/* NULL: there are too many (net.ipv4.tcp_max_tw_buckets), and the connection just ends. */
SEC("?fexit/inet_twsk_alloc")
int BPF_PROG(timewait_begins, const struct sock *sk, void *death_row, int state,
	     struct inet_timewait_sock *tw)
{
	if (tw)
		standin__begin_timewait(tw, &sk->__sk_common);
	return 0;
}

/* The peer's FIN makes a TIME_WAIT of a FIN_WAIT2; the arguments behind `th` have changed. */
SEC("?fexit/tcp_timewait_state_process")
int BPF_PROG(timewait_hears, struct inet_timewait_sock *tw, void *skb, const struct tcphdr *th)
{
	if (BPF_CORE_READ_BITFIELD_PROBED(th, fin) && tw->tw_substate == TCP_TIME_WAIT)
		standin__tell_timewait(tw, STANDIN_ALIVE, 0);
	return 0;
}

/* Its time is over; or somebody wants its port pair, resets it, or removes its namespace. */
SEC("?fentry/inet_twsk_kill")
int BPF_PROG(timewait_ends, struct inet_timewait_sock *tw)
{
	long left = tw->tw_timer.expires - (unsigned long)bpf_jiffies64();

	standin__tell_timewait(tw, left <= 0 ? STANDIN_EXPIRED : STANDIN_STOPPED, STANDIN_FINAL);
	return 0;
}
