// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Stand-ins: small sockets in the place of whole ones. They change state without the tracepoint.
 *
 * A request stands for a half-open connection, from the SYN to the last ACK. Once a connection is
 * over, tcp_time_wait() puts a stand-in into the socket's place and closes the socket: for
 * TIME_WAIT, and for FIN_WAIT2 of an orphan.
 *
 * What happens to them trampolines tell. On a machine that loads none, timers do.
 */
#include "standin.h"

const volatile bool may_cast;

/* --- TIME_WAIT and FIN_WAIT2, by trampolines --- */

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

/* --- requests, by trampolines --- */

/* Not called for a SYN cookie, which leaves nothing behind. Asked for now, the child gets the
 * cookie. */
SEC("?fentry/inet_csk_reqsk_queue_hash_add")
int BPF_PROG(request_begins, struct sock *listener, struct request_sock *req)
{
	bpf_get_socket_cookie(req);
	standin__tell_request(req, STANDIN_ALIVE);
	return 0;
}

/* The child takes its place, an RST comes, or `ss -K`. */
SEC("?fentry/inet_csk_reqsk_queue_drop")
int BPF_PROG(request_dropped, struct sock *listener, struct request_sock *req)
{
	standin__tell_request(req, STANDIN_STOPPED);
	return 0;
}

/* The same function's other name, from which the compiler may not call it. */
SEC("?fentry/inet_csk_reqsk_queue_drop_and_put")
int BPF_PROG(request_dropped_and_put, struct sock *listener, struct request_sock *req)
{
	standin__tell_request(req, STANDIN_STOPPED);
	return 0;
}

/* Sends the SYN-ACK again and starts the timer again, or gives up. */
SEC("?fexit/reqsk_timer_handler")
int BPF_PROG(request_timed_out, struct timer_list *timer)
{
	struct request_sock *req = (void *)timer -
				   bpf_core_field_offset(struct request_sock, rsk_timer);

	if (!timer->entry.pprev)
		standin__tell_request(req, STANDIN_EXPIRED);
	return 0;
}

/*
 * --- both, by timers ---
 *
 * Both kinds live by a timer inside them, and timers have tracepoints, which see every timer of the
 * machine: the function tells whose it is.
 *
 * mod_timer() on a timer that runs cancels it first, so a cancelled one may start again at once.
 */

/* Addresses of tw_timer_handler() and reqsk_timer_handler(); 0: not wanted. */
const volatile __u64 timewait_handler;
const volatile __u64 request_handler;

static __always_inline bool is(struct timer_list *timer, __u64 handler)
{
	return handler && (__u64)timer->function == handler;
}

static __always_inline struct inet_timewait_sock *timewait_of(struct timer_list *timer)
{
	return (void *)timer - bpf_core_field_offset(struct inet_timewait_sock, tw_timer);
}

static __always_inline struct request_sock *request_of(struct timer_list *timer)
{
	return (void *)timer - bpf_core_field_offset(struct request_sock, rsk_timer);
}

/* The timer of a stand-in that was stopped last on a CPU. */
static __u64 stopped[NEWBORN_MAX];

static __always_inline __u64 *stopped_here(void)
{
	return &stopped[bpf_get_smp_processor_id() & (NEWBORN_MAX - 1)];
}

SEC("?tp_btf/timer_start")
int BPF_PROG(timer_starts, struct timer_list *timer)
{
	if (is(timer, timewait_handler)) {
		/* Not by mod_timer(), which has interrupts off: for the first time. */
		if (*stopped_here() != (__u64)timer)
			standin__begin_timewait(timewait_of(timer),
						&timewait_of(timer)->__tw_common);
		else
			standin__tell_timewait(timewait_of(timer), STANDIN_ALIVE, 0);
	} else if (is(timer, request_handler)) {
		standin__tell_request(request_of(timer), STANDIN_ALIVE);
	}
	return 0;
}

SEC("?tp_btf/timer_cancel")
int BPF_PROG(timer_stops, struct timer_list *timer)
{
	if (is(timer, timewait_handler)) {
		*stopped_here() = (__u64)timer;
		standin__tell_timewait(timewait_of(timer), STANDIN_STOPPED, 0);
	} else if (is(timer, request_handler)) {
		standin__tell_request(request_of(timer), STANDIN_STOPPED);
	}
	return 0;
}

/* tw_timer_handler() always ends its stand-in, reqsk_timer_handler() may start its timer again. */
SEC("?tp_btf/timer_expire_entry")
int BPF_PROG(timer_expires, struct timer_list *timer)
{
	if (is(timer, timewait_handler))
		standin__tell_timewait(timewait_of(timer), STANDIN_EXPIRED, STANDIN_FINAL);
	else if (is(timer, request_handler))
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

/*
 * Called between the making of a request and its first timer (tcp_timeout_init() in
 * tcp_conn_request()): asked for now, the child gets the cookie. The answer 0 changes nothing.
 */
SEC("?sockops")
int request_gets_cookie(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_TIMEOUT_INIT && !ctx->is_fullsock)
		bpf_get_socket_cookie(ctx);
	return 1;
}
