/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where what is tracked of a socket is kept: at a place in a table that follows from its address.
 * A storage would do, too, but to make and free one takes more time than all else that is done for
 * a short connection. Who finds its place taken gets a storage; so does what is older than the
 * trace, whose owner is found by a walk that does not hold the socket's lock.
 *
 * A socket that is closed leaves its place to whoever comes, but finds there what it has left, if
 * it connects again.
 */
#ifndef TCPFLUX_TABLE_H
#define TCPFLUX_TABLE_H

#include "marks.h"
#include "tracked.h"

struct place {
	__u64 number; /* of the socket, see number_of(), perhaps PLACE_CLOSED; 0: nobody's */
	struct tracked tracked;
};

/* An address has this bit to spare. */
#define PLACE_CLOSED 1ull

#define PLACES_BITS 16

struct table_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << PLACES_BITS);
	__type(key, __u32);
	__type(value, struct place);
};

extern struct table_map table SEC(".maps");

static __always_inline struct place *table__place(__u64 number)
{
	__u32 at = hash_of(number) >> (32 - PLACES_BITS);

	return bpf_map_lookup_elem(&table, &at);
}

static __always_inline struct tracked *table__find(struct sock *sk)
{
	__u64 number = number_of(sk);
	struct place *place = table__place(number);

	return place && *(volatile __u64 *)&place->number == number ? &place->tracked : NULL;
}

static __always_inline bool table__take(struct place *place, __u64 was, __u64 number)
{
	return __sync_val_compare_and_swap(&place->number, was, number) == was;
}

/* What a closed socket has left, or another one that had its address. NULL: nothing is there. */
static __always_inline struct tracked *table__reopen(struct sock *sk)
{
	__u64 number = number_of(sk);
	struct place *place = table__place(number);

	if (!place || *(volatile __u64 *)&place->number != (number | PLACE_CLOSED))
		return NULL;
	return table__take(place, number | PLACE_CLOSED, number) ? &place->tracked : NULL;
}

/* Zeros. NULL: somebody else has the place. */
static __always_inline struct tracked *table__open(struct sock *sk)
{
	__u64 number = number_of(sk), was;
	struct place *place = table__place(number);

	if (!place)
		return NULL;
	was = *(volatile __u64 *)&place->number;
	if ((was && !(was & PLACE_CLOSED)) || !table__take(place, was, number))
		return NULL;
	__builtin_memset(&place->tracked, 0, sizeof(place->tracked));
	return &place->tracked;
}

/*
 * Its last lane is through with its last transition. Where that one was skipped, or had to repair
 * it, the place is kept until another socket has the address.
 */
static __always_inline void table__close(struct sock *sk)
{
	__u64 number = number_of(sk);
	struct place *place = table__place(number);

	if (place && *(volatile __u64 *)&place->number == number)
		*(volatile __u64 *)&place->number = number | PLACE_CLOSED;
}

/* It is tracked no more, and what it has left is not true any more. */
static __always_inline void table__leave(struct sock *sk)
{
	__u64 number = number_of(sk);
	struct place *place = table__place(number);
	__u64 was;

	if (!place)
		return;
	was = *(volatile __u64 *)&place->number;
	if ((was & ~PLACE_CLOSED) == number)
		table__take(place, was, 0);
}

static __always_inline bool tracked__has_storage(struct tcp_sock *tp)
{
	return tp->inet_conn.icsk_inet.sk.sk_bpf_storage;
}

static __always_inline struct tracked *tracked__storage(struct sock *sk, struct tcp_sock *tp)
{
	return tracked__has_storage(tp) ? bpf_sk_storage_get(&tracked, sk, NULL, 0) : NULL;
}

/* What is kept of a socket. NULL: nothing yet. */
static __always_inline struct tracked *tracked__find(struct sock *sk)
{
	return table__find(sk) ?: bpf_sk_storage_get(&tracked, sk, NULL, 0);
}

#endif
