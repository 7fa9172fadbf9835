/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who owns a listener: for its requests, which are no sockets with a storage, and for its children,
 * which have a storage only if it has one. To copy that costs more than to look who listens on a
 * port. So a storage is made only for those that can't be found by their port: because another one
 * listens there already, or because connections may come to it that were for another port.
 */
#ifndef TCPFLUX_LISTENER_H
#define TCPFLUX_LISTENER_H

#include "facts.h"
#include "tracked.h"

struct listener {
	struct event_owner owner;
	__u8 owner_how;
};

struct listeners_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536); /* a listener too many costs only its requests' owner */
	__type(key, __u64);	    /* its cookie */
	__type(value, struct listener);
};

extern struct listeners_map listeners SEC(".maps");

struct port {
	__u32 netns; /* inode number */
	__u32 number;
};

/* The one listener there whose children have no storage. */
struct port_listener {
	__u64 cookie;
	struct listener listener;
};

struct ports_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct port);
	__type(value, struct port_listener);
};

extern struct ports_map ports SEC(".maps");

#define NETNS_BPF_SK_LOOKUP    1  /* enum netns_bpf_attach_type, include/linux/bpf-netns.h */
#define INET_FLAGS_TRANSPARENT 15 /* include/net/inet_sock.h, since Linux 6.6 */

struct inet_sock___until_6_5 {
	__u8 transparent : 1;
} __attribute__((preserve_access_index));

/* May a listener's children be for another port: by TPROXY, or a program of type sk_lookup? */
static __always_inline bool is_steered(struct tcp_sock *tp)
{
	struct inet_sock *inet = &tp->inet_conn.icsk_inet;
	struct inet_sock___until_6_5 *old = (void *)inet;

	if (common_of(tp)->skc_net.net->bpf.run_array[NETNS_BPF_SK_LOOKUP])
		return true;
	if (bpf_core_field_exists(inet->inet_flags))
		return inet->inet_flags & (1ul << INET_FLAGS_TRANSPARENT);
	return BPF_CORE_READ_BITFIELD_PROBED(old, transparent);
}

/* Of a listener, and of its child, in any state but CLOSE. */
static __always_inline struct port port_of(struct tcp_sock *tp)
{
	return (struct port){
		.netns = common_of(tp)->skc_net.net->ns.inum,
		.number = bpf_ntohs(tp->inet_conn.icsk_inet.inet_sport),
	};
}

/*
 * Will its children find it by its port? Who is not bound gets one only when it listens already
 * (inet_csk_listen_start()).
 */
static __always_inline bool listener__takes_port(struct tcp_sock *tp,
						 const struct listener *listener, __u64 cookie)
{
	struct port_listener value = { .cookie = cookie, .listener = *listener }, *there;
	struct port port = port_of(tp);

	if (!common_of(tp)->skc_num || is_steered(tp))
		return false;
	if (!bpf_map_update_elem(&ports, &port, &value, BPF_NOEXIST))
		return true;
	there = bpf_map_lookup_elem(&ports, &port);
	return there && there->cookie == cookie;
}

static __always_inline void listener__add(struct sock *sk, struct tcp_sock *tp,
					  const struct listener *listener, __u64 cookie)
{
	__u64 create = BPF_SK_STORAGE_GET_F_CREATE;
	struct tracked *t;

	bpf_map_update_elem(&listeners, &cookie, listener, BPF_ANY);
	if (listener__takes_port(tp, listener, cookie))
		create = 0;
	/* One that is there would be copied, too. */
	t = bpf_sk_storage_get(&tracked, sk, NULL, create);
	if (!t)
		return;
	__builtin_memcpy(&t->owner, &listener->owner, sizeof(t->owner));
	barrier();
	*(volatile __u8 *)&t->owner_how = listener->owner_how;
}

/* Of a child without a storage. NULL: nobody knows. */
static __always_inline struct listener *listener__of_child(struct tcp_sock *tp)
{
	struct port port = port_of(tp);
	struct port_listener *there = bpf_map_lookup_elem(&ports, &port);

	return there && !is_steered(tp) ? &there->listener : NULL;
}

static __always_inline void listener__remove(struct tcp_sock *tp, __u64 cookie)
{
	struct port port = port_of(tp);
	struct port_listener *there = bpf_map_lookup_elem(&ports, &port);

	bpf_map_delete_elem(&listeners, &cookie);
	if (there && there->cookie == cookie)
		bpf_map_delete_elem(&ports, &port);
}

#endif
