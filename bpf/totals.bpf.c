// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How many sockets are in each state: counted at every transition, without a record of any.
 *
 * There are two lanes for the reason that transition.bpf.c tells, but a socket storage would cost
 * more than all else here. So the mark by which count_a says that it has counted a transition lies
 * where marks.h has it: no other of the socket's transitions can get in between. Where there is no
 * place for a mark, count_a leaves the transition to the others.
 *
 * The number of sockets in a state is what a census found, plus those that have entered the state
 * since, minus those that have left it. For both to be about the same moment the counters are kept
 * by epochs, and the census begins with one: then a socket is counted at first sight, either by the
 * walk over all of them, in the state that it is in, or by its first transition in this epoch, in
 * the state that it leaves. A socket's lock keeps the two apart. What has been seen is in a map
 * that the user side makes for each census.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "marks.h"
#include "totals.h"

#define IPPROTO_TCP 6

/* Errors of maps, which come as an int: Linux 6.1 leaves the upper half of the register alone. */
#define ENOENT 2
#define EEXIST 17

struct marks_map marks SEC(".maps");

/* One for each CPU; as many as there are is set by the loader. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

/* The sockets that the census has seen, by address. */
struct seen_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u8);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct seen_map);
} census_seen SEC(".maps");

/*
 * Listeners by address, for the requests in their queues, each with its cookie. One that listens no
 * more stays as long as it has any, which keep it from being freed; if nobody looks then, another
 * socket may be there at the next look.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 32768); /* one too many hides its requests */
	__type(key, __u64);
	__type(value, __u64);
} request_queues SEC(".maps");

/*
 * Network namespaces, by cookie: those that have been seen, and those of them that can't be reached
 * any more. A connection that still ends there after all of its processes keeps such a one alive,
 * for minutes perhaps, but no walk finds it: it must not count.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, __u8);
} netns_seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u8);
} netns_gone SEC(".maps");

/* The inode number of the only network namespace that counts; 0: all. */
const volatile __u32 only_netns;

/* Only namespaces count that the user side has reached: there are others. */
const volatile bool only_reached;

__u32 phase;

const volatile bool lanes_move;

/* As in marks.h and ring.h. */
__u64 unmarked;
__u64 repaired;

/* As in struct counters: what other lanes than the first have counted, on any CPU. */
__u64 late[2][COUNTER_CELLS];

__u64 unseen;	/* sockets for which the census had no memory: it is void */
__u64 unqueued; /* listeners for which there was none */
__u64 requests; /* what count_requests() has found */

/* MPTCP's and SCTP's sockets fire the same tracepoint; MPTCP's subflows, to no other state, too. */
static __always_inline bool is_transition(struct sock *sk, int old, int new, __u32 now)
{
	return now & PHASE_ON && old != new && sk->sk_protocol == IPPROTO_TCP;
}

static __always_inline struct counters *own_counters(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &cpu);
}

static __always_inline __u32 phase_now(const struct counters *own)
{
	return *(const volatile __u32 *)&own->phase ?: *(volatile __u32 *)&phase;
}

/* Does a socket's life begin with it? */
static __always_inline bool is_birth(int old, int new)
{
	return old == TCP_CLOSE || (old == TCP_LISTEN && new == TCP_SYN_RECV);
}

static __always_inline void add_netns(__u64 cookie)
{
	__u8 there = 1;

	bpf_map_update_elem(&netns_seen, &cookie, &there, BPF_ANY);
}

/*
 * Does it count, by its namespace? What is first heard of one is that it is reached, or a birth; if
 * not, it has sockets that no walk has found, and which are in no number.
 */
static __always_inline bool counts(struct counters *own, struct sock *sk, int old, int new)
{
	struct net *net = sk->__sk_common.skc_net.net;
	__u64 cookie = net->net_cookie;

	if (*(volatile __u64 *)&own->netns == cookie)
		return true;
	if (only_netns && net->ns.inum != only_netns)
		return false;
	if (bpf_map_lookup_elem(&netns_gone, &cookie))
		return false;
	if (!bpf_map_lookup_elem(&netns_seen, &cookie)) {
		if (only_reached || !is_birth(old, new))
			return false;
		add_netns(cookie);
	}
	*(volatile __u64 *)&own->netns = cookie;
	return true;
}

static __always_inline void add_queue(void *listener)
{
	__u64 address = (__u64)listener, cookie = bpf_get_socket_cookie(listener);

	if (bpf_map_update_elem(&request_queues, &address, &cookie, BPF_ANY))
		__sync_fetch_and_add(&unqueued, 1);
}

static __always_inline int queue_length(const struct sock *sk)
{
	const struct inet_connection_sock *icsk = (const struct inet_connection_sock *)sk;

	return BPF_CORE_READ(icsk, icsk_accept_queue.qlen.counter);
}

static __always_inline void note_listener(struct sock *sk, int new)
{
	__u64 address = (__u64)sk;

	if (new == TCP_LISTEN)
		add_queue(sk);
	else if (new == TCP_CLOSE && !queue_length(sk))
		bpf_map_delete_elem(&request_queues, &address);
}

static __always_inline void *seen_in_census(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&census_seen, &zero);
}

/* Is it seen for the first time? */
static __always_inline bool see(void *seen, __u64 address)
{
	__u8 there = 1;
	int err = bpf_map_update_elem(seen, &address, &there, BPF_NOEXIST);

	if (err && err != -EEXIST)
		__sync_fetch_and_add(&unseen, 1);
	return !err;
}

/* Has it not been seen? */
static __always_inline bool forget(void *seen, __u64 address)
{
	int err = bpf_map_delete_elem(seen, &address);

	if (err && err != -ENOENT)
		__sync_fetch_and_add(&unseen, 1);
	return err;
}

/* A transition during the census. What begins with it was not there when the epoch began. */
static __always_inline void seed_by_lane(struct counters *own, struct sock *sk, int old, int new)
{
	void *seen = seen_in_census();
	__u64 address = (__u64)sk;
	bool first;

	if (!seen)
		return;
	/* The walk passes over what is closed, and the next socket may have the same address. */
	if (new == TCP_CLOSE)
		first = forget(seen, address);
	else
		first = see(seen, address);
	if (first && !is_birth(old, new))
		__sync_fetch_and_add(&own->seed[old & 15], 1);
}

/* Masked where it is used: the verifier of Linux 6.1 forgets the bounds of what it has saved. */
static __always_inline __u64 *cell_of(__u64 *cells, int old, int new)
{
	__u32 cell = counter_cell(old, new);

	barrier_var(cell);
	return &cells[cell & (COUNTER_CELLS - 1)];
}

/* What else is to be known of it. */
static __always_inline void note(struct counters *own, struct sock *sk, int old, int new, __u32 now)
{
	if (now & PHASE_CENSUS)
		seed_by_lane(own, sk, old, new);
	if (new == TCP_LISTEN || (old == TCP_LISTEN && new == TCP_CLOSE))
		note_listener(sk, new);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(count_a, struct sock *sk, int old, int new)
{
	struct counters *own = own_counters();
	__u32 now;

	if (!own)
		return 0;
	now = phase_now(own);
	if (!is_transition(sk, old, new, now) || !counts(own, sk, old, new))
		return 0;
	if (!put_mark(&own->mark, mark_of(sk, old, new))) {
		__sync_fetch_and_add(&unmarked, 1);
		return 0;
	}
	/* It is never called twice on a CPU. */
	++*cell_of(own->moved[now & PHASE_ODD], old, new);
	note(own, sk, old, new, now);
	return 0;
}

/* The last one takes the mark away; a spare one puts it where there is none. */
static __always_inline int count_if_unmarked(struct sock *sk, int old, int new, bool last)
{
	struct counters *own = own_counters();
	__u64 mark = mark_of(sk, old, new);
	__u32 now;

	if (!own || has_mark(&own->mark, mark, last))
		return 0;
	now = phase_now(own);
	if (!is_transition(sk, old, new, now) || !counts(own, sk, old, new))
		return 0;
	if (!last && !put_mark(&own->mark, mark))
		return 0;
	__sync_fetch_and_add(&repaired, 1);
	__sync_fetch_and_add(cell_of(late[now & PHASE_ODD], old, new), 1);
	note(own, sk, old, new, now);
	return 0;
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(count_spare_1, struct sock *sk, int old, int new)
{
	return count_if_unmarked(sk, old, new, false);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(count_spare_2, struct sock *sk, int old, int new)
{
	return count_if_unmarked(sk, old, new, false);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(count_spare_3, struct sock *sk, int old, int new)
{
	return count_if_unmarked(sk, old, new, false);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(count_spare_4, struct sock *sk, int old, int new)
{
	return count_if_unmarked(sk, old, new, false);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(count_b, struct sock *sk, int old, int new)
{
	return count_if_unmarked(sk, old, new, true);
}

/* The listener of a request, which is in none of the kernel's tables any more if it has closed. */
static __always_inline void add_queue_of(struct sock_common *request)
{
	struct sock *listener = BPF_CORE_READ(request, skc_listener);
	__u64 address = (__u64)listener, cookie;

	if (!listener)
		return;
	cookie = BPF_CORE_READ(listener, __sk_common.skc_cookie.counter);
	bpf_map_update_elem(&request_queues, &address, &cookie, BPF_ANY);
}

/*
 * The walk over one network namespace's sockets. Each is locked, and still in the kernel's table
 * (bpf_iter_tcp_seq_show(), since Linux 5.15).
 */
SEC("iter/tcp")
int census(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;
	struct counters *own;
	__u64 cookie;
	void *seen;
	__u8 state;

	if (!skc)
		return 0;
	state = skc->skc_state;
	if (state == TCP_NEW_SYN_RECV)
		add_queue_of(skc);
	if (state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV)
		return 0;
	seen = seen_in_census();
	own = own_counters();
	if (!seen || !own)
		return 0;
	cookie = skc->skc_net.net->net_cookie;
	if (*(volatile __u64 *)&own->netns != cookie)
		add_netns(cookie);
	*(volatile __u64 *)&own->netns = cookie;
	if (see(seen, (__u64)skc))
		__sync_fetch_and_add(&own->seed[state & 15], 1);
	if (state == TCP_LISTEN)
		add_queue(skc);
	return 0;
}

static long add_requests(void *map, const struct sock *const *address, const __u64 *cookie,
			 __u64 *sum)
{
	const struct sock *sk = *address, *key = sk;
	bool same = (__u64)BPF_CORE_READ(sk, __sk_common.skc_cookie.counter) == *cookie;
	int length = same ? queue_length(sk) : 0;

	if (length > 0)
		*sum += length;
	else if (!same || BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_LISTEN)
		bpf_map_delete_elem(&request_queues, &key);
	return 0;
}

SEC("syscall")
int count_requests(void *ctx)
{
	__u64 sum = 0;

	bpf_for_each_map_elem(&request_queues, add_requests, &sum, 0);
	requests = sum;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
