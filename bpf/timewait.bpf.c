// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What becomes of a TIME_WAIT, or of an orphan's FIN_WAIT2: of the small stand-in that
 * tcp_time_wait() puts into the socket's place, see ehash.h. Here by trampolines; timers.bpf.c is
 * the way without them.
 */
#include "standin.h"

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
