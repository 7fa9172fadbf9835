/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel side keeps about a socket; where, see table.h. */
#ifndef TCPFLUX_TRACKED_H
#define TCPFLUX_TRACKED_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "event.h"

/*
 * What `tp` begins with. Pointers are followed from here, not from a tracepoint's argument: that
 * one the verifier trusts, and for each step searches all of the kernel's types three times, on
 * every path that leads there (btf_nested_type_is_trusted(), since Linux 6.3).
 */
static __always_inline struct sock_common *common_of(struct tcp_sock *tp)
{
	return &tp->inet_conn.icsk_inet.sk.__sk_common;
}

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h */

struct tracked {
	__u64 since; /* when it entered `state`, CLOCK_BOOTTIME in ns */
	__u64 born;  /* when its first transition happened; 0: before the trace */
	struct event_owner owner;
	__u8 owner_how;
	__u8 state;    /* the new state of the last transition seen; 0: none yet */
	__u8 deferred; /* its first row waits, see enum deferred */
	__u8 mark_old; /* lane A has handled the transition mark_old -> mark_new */
	__u8 mark_new;
	__u32 netns;  /* inode number; 0: not looked up yet */
	__u64 before; /* of a deferred client: since when it was in the state before; 0: not known
		       */
	__u64 cookie; /* of a closed one: whether what is here is about it, see table.h */
};

/* What a row waits for: the next transition tells it. */
enum deferred {
	DEFERRED_CHILD = 1, /* LISTEN -> SYN_RECV, before Linux 6.15: for the addresses */
	DEFERRED_CLIENT,    /* CLOSE -> SYN_SENT, if a filter asks: for the local port */
	DEFERRED_NO_MORE,   /* it has been told, and the next one must be, too */
};

/* Of the sockets that have no place in the table, see table.h. */
struct tracked_map {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct tracked);
};

extern struct tracked_map tracked SEC(".maps");

/*
 * The name is the process's, as ps and ss show it, not the thread's. The verifier trusts `task`,
 * see common_of(): its pointers are followed by a helper, which takes a while.
 */
static __always_inline void owner__set(struct event_owner *owner, struct task_struct *task,
				       __u64 cgroup)
{
	owner->cgroup = cgroup;
	owner->pid = task->tgid;
	owner->uid = BPF_CORE_READ(task, cred, euid.val);
	if (task->pid == task->tgid)
		__builtin_memcpy(owner->comm, task->comm, sizeof(owner->comm));
	else
		BPF_CORE_READ_INTO(&owner->comm, task, group_leader, comm);
}

/* The current task's process. Verified once, and not again on each path to it. */
int owner__set_to_current(struct event_owner *owner);

/* `how` is written last: a storage that is being filled in must not be taken for known. */
static __always_inline void tracked__owner_is_known(struct tracked *t, enum owner_how how)
{
	barrier();
	*(volatile __u8 *)&t->owner_how = how;
}

/* The current task owns it. */
static __always_inline void tracked__own(struct tracked *t, enum owner_how how)
{
	owner__set_to_current(&t->owner);
	tracked__owner_is_known(t, how);
}

/* Can no later event tell more about the owner? */
static __always_inline bool tracked__owner_is_sure(const struct tracked *t)
{
	return t->owner_how != OWNER_INHERITED && t->owner_how != OWNER_UNKNOWN;
}

/*
 * Does the current task itself act on this socket? A process holds a socket by lock_sock(), which
 * sets `owned`; a softirq, whose current task is whoever was interrupted, runs on a socket only
 * while it is not owned and else leaves the packet to the backlog (net/core/sock.c). Kernel
 * threads close files for others (delayed_fput) and say nothing about the owner.
 */
static __always_inline bool held_by(struct sock *sk, struct task_struct *task)
{
	return sk->sk_lock.owned && !(task->flags & PF_KTHREAD);
}

/* If the current task acts on a socket whose owner was so far a guess, now it is known. */
static __always_inline void tracked__used_by_holder(struct tracked *t, struct sock *sk)
{
	if (held_by(sk, bpf_get_current_task_btf()))
		tracked__own(t, t->owner_how == OWNER_INHERITED ? OWNER_ACCEPTED : OWNER_SELF);
}

/* A socket stays in its namespace, whose memory is seldom at hand. */
static __always_inline __u32 netns_of(struct tcp_sock *tp, struct tracked *t)
{
	if (!t->netns)
		t->netns = common_of(tp)->skc_net.net->ns.inum;
	return t->netns;
}

#endif
