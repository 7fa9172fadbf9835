/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who owns a listener: for its requests, which are no sockets with a storage, and its children. */
#ifndef TCPFLUX_LISTENER_H
#define TCPFLUX_LISTENER_H

#include "tracked.h"

struct listener {
	struct event_owner owner;
	__u32 netns; /* inode number */
	__u16 port;  /* host byte order */
	__u8 owner_how;
};

struct listeners_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536); /* one too many costs only the owner of what comes from it */
	__type(key, __u64);	    /* its address */
	__type(value, struct listener);
};

extern struct listeners_map listeners SEC(".maps");

static __always_inline struct listener *listener__at(__u64 address)
{
	return bpf_map_lookup_elem(&listeners, &address);
}

/*
 * Of a child, in its first transition. sk_clone_lock() has copied the listener, and what an empty
 * list there points to, itself, is not made the child's before inet_csk_clone_lock(), which makes
 * the transition, has returned (tcp_create_openreq_child(), Linux 4.15 to 7.3). So it holds for
 * connections that TPROXY or a BPF program has brought to a listener of another port, too.
 */
static __always_inline struct listener *listener__of_child(struct tcp_sock *child)
{
	__u64 list = (__u64)BPF_CORE_READ(child, tsorted_sent_queue.next);

	return listener__at(list - bpf_core_field_offset(struct tcp_sock, tsorted_sent_queue));
}

/*
 * For a child that has forgotten its listener: who owns the only one that it can have come from.
 * False: there are more, or none.
 */
bool listener__owner_of_only(struct event_owner *owner, __u32 netns, __u16 port);

static __always_inline void listener__add(__u64 address, const struct listener *listener)
{
	bpf_map_update_elem(&listeners, &address, listener, BPF_ANY);
}

static __always_inline void listener__remove(__u64 address)
{
	bpf_map_delete_elem(&listeners, &address);
}

#endif
