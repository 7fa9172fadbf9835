/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How one lane tells the others that it has done with a transition, if nothing is kept of it. */
#ifndef TCPFLUX_MARKS_H
#define TCPFLUX_MARKS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "mark.h"

/*
 * One for each CPU, where both lanes are called on the same one: nobody else writes there. Nor need
 * they atomic instructions, which wait until all that was written before has come through to the
 * cache, and took a third of the time of a transition that is only counted. Where a task may go on
 * elsewhere between two lanes, all CPUs share them. The loader sets both.
 */
struct marks_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mark_table);
};

extern struct marks_map marks SEC(".maps");
extern const volatile bool lanes_move;

extern __u64 unmarked; /* transitions that the first lane left to others, having no place */

/*
 * A number for a socket. The verifier does no arithmetic with a pointer but its difference from
 * another one, which is as unique.
 */
static __always_inline __u64 number_of(struct sock *sk)
{
	__u64 number = (__u64)sk;

	asm volatile("%0 -= %1" : "+r"(number) : "r"(&unmarked));
	return number;
}

/* What is marked: the socket, of whose number the first byte says nothing, and the states. */
static __always_inline __u64 mark_of(__u64 number, int old, int new)
{
	return number << 8 | (old & 15) << 4 | (new & 15);
}

/* Knuth's multiplicative hash of the cache line; its upper bits are the good ones. */
static __always_inline __u32 hash_of(__u64 number)
{
	return (__u32)(number >> 6) * 2654435761u;
}

/* The table that a socket's mark is in. */
static __always_inline struct mark_table *marks_of(struct sock *sk)
{
	__u32 at;

	if (lanes_move)
		at = hash_of(number_of(sk)) >> (32 - MARKS_BITS - SHARED_TABLES_BITS) &
		     (SHARED_TABLES - 1);
	else
		at = bpf_get_smp_processor_id();
	return bpf_map_lookup_elem(&marks, &at);
}

/*
 * Where a mark may be: first at a place of the socket's own, so that it is found there next time,
 * too, and not in front of one that is left over; else next to it, in the same cache line. A few
 * would not do: in a softirq that interrupts the last lane dozens of sockets leave theirs.
 */
#define MARK_TRIES 8

static __always_inline __u64 *mark_place(struct mark_table *table, __u64 number, __u32 i)
{
	return &table->marks[((hash_of(number) >> (32 - MARKS_BITS)) ^ i) & (MARKS - 1)];
}

/* A mark of the same socket is left over from a transition whose other lanes were all skipped. */
static __always_inline bool put_mark(struct mark_table *table, struct sock *sk, int old, int new)
{
	__u64 number = number_of(sk), mark = mark_of(number, old, new);

	for (int i = 0; i < MARK_TRIES; i++) {
		__u64 *place = mark_place(table, number, i), was = *(volatile __u64 *)place;

		if (was && (was ^ mark) >> 8)
			continue;
		if (!lanes_move) {
			*(volatile __u64 *)place = mark;
			return true;
		}
		if (__sync_val_compare_and_swap(place, was, mark) == was)
			return true;
	}
	return false;
}

/* Is it marked? `clear`: not any more. */
static __always_inline bool has_mark(struct mark_table *table, struct sock *sk, int old, int new,
				     bool clear)
{
	__u64 number = number_of(sk), mark = mark_of(number, old, new);

	for (int i = 0; i < MARK_TRIES; i++) {
		__u64 *place = mark_place(table, number, i);

		if (*(volatile __u64 *)place != mark)
			continue;
		if (clear)
			*(volatile __u64 *)place = 0;
		return true;
	}
	return false;
}

#endif
