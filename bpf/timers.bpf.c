// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Stand-ins on a machine that loads no trampolines. Both kinds live by a timer inside them, and
 * timers have tracepoints, which see every timer of the machine: the function tells whose it is.
 *
 * mod_timer() on a timer that runs cancels it first, so a cancelled one may start again at once.
 */
#include "standin.h"

static __always_inline bool is(struct timer_list *timer, __u64 handler)
{
	return handler && (__u64)timer->function == handler;
}

static __always_inline bool is_timewait(struct timer_list *timer, const struct cpu *cpu)
{
	return is(timer, cpu->timewait_handler);
}

static __always_inline bool is_request(struct timer_list *timer, const struct cpu *cpu)
{
	return is(timer, cpu->request_handler);
}

static __always_inline struct inet_timewait_sock *timewait_of(struct timer_list *timer)
{
	return (void *)timer - bpf_core_field_offset(struct inet_timewait_sock, tw_timer);
}

static __always_inline struct request_sock *request_of(struct timer_list *timer)
{
	return (void *)timer - bpf_core_field_offset(struct request_sock, rsk_timer);
}

/* Not by mod_timer(), which has stopped it just before, with interrupts off? */
static __always_inline bool is_for_the_first_time(struct timer_list *timer, const struct cpu *cpu)
{
	return cpu->stopped != (__u64)timer;
}

SEC("?tp_btf/timer_start")
int BPF_PROG(timer_starts, struct timer_list *timer)
{
	struct cpu *cpu = cpu__own();

	if (!cpu)
		return 0;
	if (is_timewait(timer, cpu)) {
		if (!is_for_the_first_time(timer, cpu))
			standin__tell_timewait(timewait_of(timer), STANDIN_ALIVE, 0);
	} else if (is_request(timer, cpu)) {
		standin__tell_request(request_of(timer), STANDIN_ALIVE);
	}
	return 0;
}

SEC("?tp_btf/timer_cancel")
int BPF_PROG(timer_stops, struct timer_list *timer)
{
	struct cpu *cpu = cpu__own();

	if (!cpu)
		return 0;
	if (is_timewait(timer, cpu)) {
		cpu->stopped = (__u64)timer;
		standin__tell_timewait(timewait_of(timer), STANDIN_STOPPED, 0);
	} else if (is_request(timer, cpu)) {
		standin__tell_request(request_of(timer), STANDIN_STOPPED);
	}
	return 0;
}

/* tw_timer_handler() always ends its stand-in, reqsk_timer_handler() may start its timer again. */
SEC("?tp_btf/timer_expire_entry")
int BPF_PROG(timer_expires, struct timer_list *timer)
{
	struct cpu *cpu = cpu__own();

	if (!cpu)
		return 0;
	if (is_timewait(timer, cpu))
		standin__tell_timewait(timewait_of(timer), STANDIN_EXPIRED, STANDIN_FINAL);
	else if (is_request(timer, cpu))
		standin__tell_request(request_of(timer), STANDIN_EXPIRED);
	return 0;
}

/*
 * A segment for a TIME_WAIT or FIN_WAIT2 stand-in is always dropped after use (discard_it in
 * tcp_v4_rcv()), and since Linux 6.11 this tracepoint says whose it was. No timer tells of a FIN:
 * __mod_timer() only notes the new time if it falls into the same bucket as the old one.
 */
SEC("?tp_btf/kfree_skb")
int BPF_PROG(segment_dropped, void *skb, void *location, int reason, struct sock *sk)
{
	struct inet_timewait_sock *tw = (struct inet_timewait_sock *)sk;

	if (sk && sk->__sk_common.skc_state == TCP_TIME_WAIT &&
	    BPF_CORE_READ(tw, tw_substate) == TCP_TIME_WAIT)
		standin__tell_timewait(tw, STANDIN_ALIVE, 0);
	return 0;
}
