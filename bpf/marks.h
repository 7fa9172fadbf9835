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

/* Knuth's multiplicative hash; its upper bits are the good ones, and no two words have the same. */
static __always_inline __u32 hash_of_word(__u32 word)
{
	return word * 2654435761u;
}

/* Of the cache line that a socket begins with: unique within 256 GiB. */
static __always_inline __u32 hash_of(__u64 number)
{
	return hash_of_word(number >> 6);
}

/*
 * What is marked: the socket, in the upper half; which of its connections, by 24 bits of a hash of
 * addresses and ports; and the states. A socket's memory is soon another's, which may do the same
 * on the same CPU: a mark left over must not hide it. While a child is born it has neither
 * addresses nor ports (before Linux 6.15), but with the next mark, in the same softirq, it takes
 * the place of that one.
 */
static __always_inline __u64 mark_of(struct sock *sk, int old, int new)
{
	__u32 ports = sk->__sk_common.skc_dport << 16 | sk->__sk_common.skc_num;
	/* Since Linux 6.15 the kernel's hash is one of the rest plus the local port. */
	__u32 connection = hash_of_word(hash_of_word(sk->__sk_common.skc_hash) ^ ports) >> 8;

	return (__u64)hash_of(number_of(sk)) << 32 | connection << 8 | (old & 15) << 4 | (new & 15);
}

static __always_inline bool are_of_one_socket(__u64 mark, __u64 other)
{
	return !((mark ^ other) >> 32);
}

static __always_inline __u32 hash_of_mark(__u64 mark)
{
	return mark >> 32;
}

/*
 * Where a mark may be: first at a place of the socket's own, so that it is found there next time,
 * too, and not in front of one that is left over; else next to it, in the same cache line. A few
 * would not do: in a softirq that interrupts the last lane dozens of sockets leave theirs.
 */
#define MARK_TRIES 8

static __always_inline __u64 *mark_place(struct mark_table *table, __u64 mark, __u32 i)
{
	return &table->marks[((hash_of_mark(mark) >> (32 - MARKS_BITS)) ^ i) & (MARKS - 1)];
}

/* The table that a socket's marks are in. */
static __always_inline struct mark_table *table_of(__u64 mark)
{
	__u32 at;

	if (lanes_move)
		at = hash_of_mark(mark) >> (32 - MARKS_BITS - SHARED_TABLES_BITS) &
		     (SHARED_TABLES - 1);
	else
		at = bpf_get_smp_processor_id();
	return bpf_map_lookup_elem(&marks, &at);
}

static __always_inline bool put_into_table(__u64 mark)
{
	struct mark_table *table = table_of(mark);

	for (int i = 0; table && i < MARK_TRIES; i++) {
		__u64 *place = mark_place(table, mark, i), was = *(volatile __u64 *)place;

		if (was && !are_of_one_socket(was, mark))
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

static __always_inline bool is_in_table(__u64 mark, bool clear)
{
	struct mark_table *table = table_of(mark);

	for (int i = 0; table && i < MARK_TRIES; i++) {
		__u64 *place = mark_place(table, mark, i);

		if (*(volatile __u64 *)place != mark)
			continue;
		if (clear)
			*(volatile __u64 *)place = 0;
		return true;
	}
	return false;
}

/*
 * False: there is no place for it. `latest`: a word of the CPU's own, beside what its programs have
 * at hand anyway, for nearly always the last lane follows at once. What is there is of a transition
 * that this one interrupts, or left over from one whose last lane was skipped; but a socket's own
 * never interrupt each other.
 */
static __always_inline bool put_mark(__u64 *latest, __u64 mark)
{
	__u64 was;

	if (lanes_move)
		return put_into_table(mark);
	was = *(volatile __u64 *)latest;
	if (was && !are_of_one_socket(was, mark) && !put_into_table(was))
		return false;
	*(volatile __u64 *)latest = mark;
	return true;
}

/* Is it there? `clear`: not any more. */
static __always_inline bool has_mark(__u64 *latest, __u64 mark, bool clear)
{
	if (lanes_move || *(volatile __u64 *)latest != mark)
		return is_in_table(mark, clear);
	if (clear)
		*(volatile __u64 *)latest = 0;
	return true;
}

#endif
