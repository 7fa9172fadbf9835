/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which process has a socket open, for `list`: a table with so many places that a third of them are
 * taken. A storage of the socket would do, too, but to make and free it took a fifth of the walk; a
 * table of its own for each walk, in a map of maps, waited 13 ms for RCU
 * (maybe_wait_bpf_programs(), Linux 6.18).
 */
#ifndef TCPFLUX_HOLDERS_H
#define TCPFLUX_HOLDERS_H

#include "tracked.h"

#include "holder.h"

/* A crowd of more around one place is not to be expected; who finds none stays without a holder. */
#define HOLDER_PLACES 64

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* 2^holder_bits is set by the loader */
	__type(key, __u32);
	__type(value, struct holder);
} holders SEC(".maps");

const volatile __u32 holder_bits = 1;
__u32 holders_walk; /* the number of this one: what is from others is not there */

/* Cookies are counted up, in blocks for each CPU: Knuth's multiplicative hash spreads them. */
static __always_inline __u32 holders__first_place(__u64 cookie)
{
	return ((__u32)cookie * 2654435761u) >> (32 - holder_bits);
}

static __always_inline bool holder__is_taken(const struct holder *holder)
{
	return holder->walk == holders_walk;
}

/* The socket's place, or the one that it may take. NULL: there is none. */
static __always_inline struct holder *holders__find(__u64 cookie)
{
	__u32 first = holders__first_place(cookie);
	struct holder *holder;

	for (__u32 i = 0; i < HOLDER_PLACES; i++) {
		__u32 place = (first + i) & ((1u << holder_bits) - 1);

		holder = bpf_map_lookup_elem(&holders, &place);
		if (!holder || !holder__is_taken(holder) || holder->cookie == cookie)
			return holder;
	}
	return NULL;
}

#endif
