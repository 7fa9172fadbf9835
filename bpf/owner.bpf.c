// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who owns a socket, where its own transitions don't tell: after accept(), and at the start. */
#include "files.h"
#include "listener.h"
#include "table.h"

__noinline int owner__set_to_current(struct event_owner *owner)
{
	if (owner)
		owner__set(owner, bpf_get_current_task_btf(), bpf_get_current_cgroup_id());
	return 0;
}

struct search {
	struct event_owner owner;
	__u32 netns, port;
	bool found, more;
};

static long match(void *map, const __u64 *address, struct listener *listener, struct search *search)
{
	if (listener->netns != search->netns || listener->port != search->port)
		return 0;
	search->more |= search->found;
	search->found = true;
	search->owner = listener->owner;
	return 0;
}

__noinline bool listener__owner_of_only(struct event_owner *owner, __u32 netns, __u16 port)
{
	struct search search = { .netns = netns, .port = port };

	bpf_for_each_map_elem(&listeners, match, &search, 0);
	if (!owner || !search.found || search.more || !search.owner.pid)
		return false;
	*owner = search.owner;
	return true;
}

/*
 * accept() itself, io_uring's included; kernel threads accept for themselves (sunrpc, ksmbd). The
 * listener is locked, not what is accepted: were that closed in these nanoseconds, and its place
 * taken by another socket, that one would get this owner.
 */
static __always_inline void accepted_by_current(struct sock *sk)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct tracked *t = tracked__find(sk);

	if (t && !(task->flags & PF_KTHREAD) && !tracked__owner_is_sure(t))
		tracked__own(t, OWNER_ACCEPTED);
}

/*
 * inet_csk_accept() returns the socket, or NULL; its arguments changed in Linux 6.10. There are two
 * of each, since a kernel that is preemptible skips one for as long as a process that it interrupts
 * in there waits for its CPU: one in a thousand times on an emulated CPU.
 */
static __always_inline int accepted(struct sock *sk)
{
	if (sk)
		accepted_by_current(sk);
	return 0;
}

SEC("?fexit/inet_csk_accept")
int BPF_PROG(accept_until_6_9, struct sock *listener, int flags, int *err, bool kern,
	     struct sock *sk)
{
	return accepted(sk);
}

SEC("?fexit/inet_csk_accept")
int BPF_PROG(accept_until_6_9_again, struct sock *listener, int flags, int *err, bool kern,
	     struct sock *sk)
{
	return accepted(sk);
}

SEC("?fexit/inet_csk_accept")
int BPF_PROG(accept_since_6_10, struct sock *listener, void *arg, struct sock *sk)
{
	return accepted(sk);
}

SEC("?fexit/inet_csk_accept")
int BPF_PROG(accept_since_6_10_again, struct sock *listener, void *arg, struct sock *sk)
{
	return accepted(sk);
}

/*
 * Where that can't be had: the first read of an accepted socket names the process that took it from
 * the listener, one of several workers perhaps, by whatever way it did so (accept4(), io_uring).
 * This tracepoint fires where tcp_recvmsg() has copied data, needs no trampoline, and costs no more
 * than noise; the ones that see every send and receive (sock_send_length, sock_recv_length) cost 4
 * % of small requests. A softirq may get here too, by tcp_read_sock() for the kernel itself (kTLS).
 */
SEC("?tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(first_read, struct sock *sk)
{
	struct tracked *t = tracked__find(sk);

	if (t && !tracked__owner_is_sure(t))
		tracked__used_by_holder(t, sk);
	return 0;
}

/* Is it known already whose it is? What is in the table is written only by who holds the socket. */
static __always_inline bool is_owned(struct sock *sk)
{
	struct tracked *t = table__find(sk);

	return t && t->owner_how;
}

static __always_inline void found_listener(struct sock *sk, struct task_struct *task)
{
	struct listener listener = {
		.owner_how = OWNER_SNAPSHOT,
		.netns = sk->__sk_common.skc_net.net->ns.inum,
		.port = sk->__sk_common.skc_num,
	};

	if (listener__at((__u64)sk))
		return;
	owner__set(&listener.owner, task, task->cgroups->dfl_cgrp->kn->id);
	listener__add((__u64)sk, &listener);
	/* Its last lane may have been here in between. */
	if (sk->__sk_common.skc_state != TCP_LISTEN)
		listener__remove((__u64)sk);
}

/* Sockets that were open before the trace: a walk over the open files of all processes. */
SEC("iter/task_file")
int snapshot(struct bpf_iter__task_file *ctx)
{
	struct sock *sk = socket_of_step(ctx);
	struct task_struct *task = ctx->task;
	struct tracked *t;

	if (!task || !sk || !is_wanted(sk) || is_owned(sk))
		return 0;
	if (sk->__sk_common.skc_state == TCP_LISTEN) {
		found_listener(sk, task);
		return 0;
	}
	t = bpf_sk_storage_get(&tracked, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!t || t->owner_how != OWNER_UNKNOWN)
		return 0;
	owner__set(&t->owner, task, task->cgroups->dfl_cgrp->kn->id);
	tracked__owner_is_known(t, OWNER_SNAPSHOT);
	return 0;
}
