/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Clients whose local port is not chosen yet, if a filter asks for it. A storage would cost more
 * than all else here, and is of no use to most of them: so what would be in it waits in a table for
 * the next transition, which is soon there. Who finds its place taken gets a storage.
 */
#ifndef TCPFLUX_WAITING_H
#define TCPFLUX_WAITING_H

#include "marks.h"
#include "tracked.h"

struct waiting {
	__u64 number; /* of the socket, see number_of(); 0: nobody waits here */
	struct tracked tracked;
};

/* Fewer in the map, if none will ever wait: see the loader. */
#define WAITING_PLACES 4096

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WAITING_PLACES);
	__type(key, __u32);
	__type(value, struct waiting);
} waiting SEC(".maps");

static __always_inline struct waiting *waiting__place(__u64 number)
{
	__u32 place = hash_of(number) >> (32 - 12);

	return bpf_map_lookup_elem(&waiting, &place);
}

_Static_assert(WAITING_PLACES == 1 << 12, "the hash has as many bits");

/* NULL: somebody else has it. */
static __always_inline struct tracked *waiting__claim(struct sock *sk)
{
	__u64 number = number_of(sk), was;
	struct waiting *w = waiting__place(number);

	if (!w)
		return NULL;
	was = *(volatile __u64 *)&w->number;
	if (was && was != number)
		return NULL;
	return __sync_val_compare_and_swap(&w->number, was, number) == was ? &w->tracked : NULL;
}

/* It waits no more. Into *t, if that is not NULL, goes what was there. */
static __always_inline void waiting__leave(struct sock *sk, struct tracked *t)
{
	__u64 number = number_of(sk);
	struct waiting *w = waiting__place(number);

	if (!w || *(volatile __u64 *)&w->number != number)
		return;
	if (t)
		__builtin_memcpy(t, &w->tracked, sizeof(*t));
	barrier();
	*(volatile __u64 *)&w->number = 0;
}

#endif
