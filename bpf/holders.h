/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which process has a socket open, for `list`: a table that the loader makes for one walk, with so
 * many places that a third of them are taken. A storage of the socket would do, too, but to make
 * and free it took a fifth of the walk.
 */
#ifndef TCPFLUX_HOLDERS_H
#define TCPFLUX_HOLDERS_H

#include "tracked.h"

#include "holder.h"

/* A crowd of more around one place is not to be expected; who finds none stays without a holder. */
#define HOLDER_PLACES 64

struct holders_table {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_INNER_MAP); /* tables differ in size */
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct holder));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct holders_table);
} holders SEC(".maps");

__u32 holder_bits; /* the table has 2^holder_bits places */

static __always_inline void *holders__table(void)
{
	return bpf_map_lookup_elem(&holders, &(__u32){ 0 });
}

/* Cookies are counted up, in blocks for each CPU: Knuth's multiplicative hash spreads them. */
static __always_inline __u32 holders__first_place(__u64 cookie)
{
	return ((__u32)cookie * 2654435761u) >> (32 - holder_bits);
}

/* The socket's place, or the one that it may take. NULL: there is none. */
static __always_inline struct holder *holders__find(__u64 cookie)
{
	__u32 first = holders__first_place(cookie);
	void *table = holders__table();
	struct holder *holder;

	if (!table)
		return NULL;
	for (__u32 i = 0; i < HOLDER_PLACES; i++) {
		__u32 place = (first + i) & ((1u << holder_bits) - 1);

		holder = bpf_map_lookup_elem(table, &place);
		if (!holder || !holder->cookie || holder->cookie == cookie)
			return holder;
	}
	return NULL;
}

#endif
