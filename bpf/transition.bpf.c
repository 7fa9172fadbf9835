// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tracepoint sock:inet_sock_set_state, in two lanes or more.
 *
 * A BPF program is skipped when it runs already on that CPU (__bpf_trace_run() in
 * kernel/trace/bpf_trace.c): a softirq that interrupts it and changes another socket's state is
 * lost to it. So there are two. Lane A comes first, does the work, and marks the socket; lane B
 * takes the mark away, or, where there is none for this very transition, has lane A do it after
 * all. The mark lies in what is kept of the socket, since a socket's lock orders its transitions;
 * two sockets may interleave on one CPU. It is the pair of states, so that one left over from a
 * transition whose lane B was skipped, or that was repaired, can't hide the next one.
 *
 * Where the program may be preempted besides (user/sources/lanes.c), it is skipped for all that
 * runs on that CPU until its task goes on, and lane B, at work meanwhile, is soon preempted too.
 * There spare lanes lie in between, and have done and marked what none before them has.
 *
 * Of what a filter leaves out for good nothing is kept. Its marks are where those of
 * totals.bpf.c are, see marks.h.
 */
#include "lane.h"

/* Lane A, put there by the loader. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} first_lane SEC(".maps");

/*
 * Whether or not it runs already on this CPU: a tail call does not ask. Since Linux 6.13 a program
 * may have a stack of its own on each CPU, for the very reason that it is not called twice; but not
 * one that makes tail calls itself, as lane A does (check_max_stack_depth() in
 * kernel/bpf/verifier.c).
 */
static __always_inline void run_lane_a(void *ctx)
{
	bpf_tail_call(ctx, &first_lane, 0);
	__sync_fetch_and_add(&untracked, 1); /* not called */
}

static __always_inline bool mark_as_done(struct sock *sk, u8 old, u8 new)
{
	struct cpu *cpu = cpu__own();

	return cpu && put_mark(&cpu->mark, mark_of(sk, old, new));
}

static __always_inline bool is_marked_as_done(struct sock *sk, u8 old, u8 new, bool clear)
{
	struct cpu *cpu = filter__judges_connections() ? cpu__own() : NULL;

	return cpu && has_mark(&cpu->mark, mark_of(sk, old, new), clear);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(lane_a, struct sock *sk, int old, int new)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);
	struct tracked *t;

	if (!tp)
		return 0;
	if (is_done(sk, tp, old, new)) {
		if (!mark_as_done(sk, old, new))
			__sync_fetch_and_add(&unmarked, 1);
		return 0;
	}
	if (!is_tracing())
		return 0;
	t = track(sk, tp, old);
	if (!t) {
		__sync_fetch_and_add(&unmarked, 1);
		return 0;
	}
	t->mark_old = old;
	t->mark_new = new;
	if (is_due(sk, t, old, new)) {
		t->deferred = submit_deferred(sk, tp, t, sk) ? DEFERRED_NO_MORE : 0;
		run_lane_a(ctx);
		return 0;
	}
	handle(sk, tp, t, sk, false, old, new);
	return 0;
}

static __always_inline bool is_marked(const struct tracked *t, int old, int new)
{
	return t && t->mark_old == old && t->mark_new == new;
}

/*
 * What none before it has done lane A does now. It goes on from what is tracked here. Where there
 * is nothing more to do, it is done here: a mark that lane A made would be left over.
 */
static __always_inline void repair(void *ctx, struct sock *sk, struct tcp_sock *tp, int old,
				   int new, bool last)
{
	if (is_done(sk, tp, old, new)) {
		if (last || mark_as_done(sk, old, new))
			__sync_fetch_and_add(&repaired, 1);
		return;
	}
	if (!track(sk, tp, old)) {
		if (last)
			__sync_fetch_and_add(&untracked, 1);
		return;
	}
	__sync_fetch_and_add(&repaired, 1);
	run_lane_a(ctx);
}

/* The last lane takes the mark away. */
static __always_inline int other_lane(void *ctx, struct sock *sk, int old, int new, bool last)
{
	struct tracked *t;
	struct tcp_sock *tp;

	if (is_marked_as_done(sk, old, new, last))
		return 0;
	t = table__find(sk);
	if (!is_marked(t, old, new)) {
		tp = traced(sk);
		if (!tp)
			return 0;
		t = t ?: tracked__storage(sk, tp);
		if (!is_marked(t, old, new)) {
			repair(ctx, sk, tp, old, new, last);
			return 0;
		}
	}
	if (!last)
		return 0;
	t->mark_old = t->mark_new = 0;
	if (new == TCP_CLOSE)
		table__close(sk);
	return 0;
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(spare_1, struct sock *sk, int old, int new)
{
	return other_lane(ctx, sk, old, new, false);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(spare_2, struct sock *sk, int old, int new)
{
	return other_lane(ctx, sk, old, new, false);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(spare_3, struct sock *sk, int old, int new)
{
	return other_lane(ctx, sk, old, new, false);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(spare_4, struct sock *sk, int old, int new)
{
	return other_lane(ctx, sk, old, new, false);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(lane_b, struct sock *sk, int old, int new)
{
	return other_lane(ctx, sk, old, new, true);
}
