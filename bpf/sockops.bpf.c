// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What sockets call, if it hangs at the root of the cgroup hierarchy. One of these programs does.
 */
#include "lane.h"

/*
 * Called between the making of a request and its first timer (tcp_timeout_init() in
 * tcp_conn_request()): asked for now, the child gets the cookie. The answer 0 changes nothing.
 */
static __always_inline void draw_cookie(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_TIMEOUT_INIT && !ctx->is_fullsock)
		bpf_get_socket_cookie(ctx);
}

SEC("?sockops")
int request_gets_cookie(struct bpf_sock_ops *ctx)
{
	draw_cookie(ctx);
	return 1;
}

/* Its ports are known by now. */
static __always_inline bool is_wanted(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct tcp_sock *tp;

	if (!filter__judges_connections())
		return true;
	tp = sk ? bpf_skc_to_tcp_sock(sk) : NULL;
	return tp &&
	       connection_may_pass(common_of(tp), local_port((struct sock *)tp, tp, TCP_SYN_SENT));
}

/* From now on it calls where tcp_set_state() changes its state, just before the tracepoint. */
static __always_inline void have_it_call(struct bpf_sock_ops *ctx)
{
	if (!is_wanted(ctx))
		return;
	bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG);
}

static __always_inline bool is_kept_out(void)
{
	return bpf_get_current_task_btf()->tgid == 1;
}

/*
 * A child is born by no tcp_set_state() (inet_csk_clone_lock()), but nearly always in the softirq
 * that establishes it, too.
 */
static __always_inline bool is_born_unseen(struct tcp_sock *tp)
{
	struct tracked *t = tracked__find((struct sock *)tp);

	return !t || t->state != TCP_SYN_RECV;
}

/* Does what all lanes would do. Seldom called: what comes before it is to be short. */
static __noinline int stand_in(struct bpf_sock_ops *ctx)
{
	bool calls = ctx->op == BPF_SOCK_OPS_STATE_CB;
	u8 old = calls ? ctx->args[0] : TCP_LISTEN, new = calls ? ctx->args[1] : TCP_SYN_RECV;
	struct bpf_sock *whole = is_tracing() ? ctx->sk : NULL;
	struct tcp_sock *tp = whole ? bpf_skc_to_tcp_sock(whole) : NULL;
	struct sock *sk = (struct sock *)tp;
	struct tracked *t;

	if (!tp || (!calls && !is_born_unseen(tp)) || is_done(sk, tp, old, new))
		return 0;
	t = track(sk, tp, old);
	if (!t)
		return 0;
	if (is_due(sk, t, old, new))
		t->deferred = submit_deferred(sk, tp, t, ctx) ? DEFERRED_NO_MORE : 0;
	handle(sk, tp, t, ctx, true, old, new);
	if (new == TCP_CLOSE)
		table__close(sk);
	__sync_fetch_and_add(&let_in, 1);
	return 0;
}

/*
 * The lane where a kernel keeps the others out while process 1 has the CPU (user/sources/hidden.h):
 * this program is not one for tracing but of the network, and nothing skips it.
 */
SEC("?sockops")
int lane_apart(struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_TIMEOUT_INIT:
		draw_cookie(ctx);
		break;
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		have_it_call(ctx);
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		have_it_call(ctx);
		/* fall through */
	case BPF_SOCK_OPS_STATE_CB:
		if (is_kept_out())
			stand_in(ctx);
	}
	return 1;
}
