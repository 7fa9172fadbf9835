/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How one lane tells the others that it has done with a transition, if nothing is kept of it. */
#ifndef TCPFLUX_MARKS_H
#define TCPFLUX_MARKS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "mark.h"

extern __u64 marks[MARK_BUCKETS * MARKS_IN_BUCKET] __attribute__((aligned(64)));

/*
 * A number for a socket. The verifier does no arithmetic with a pointer but its difference from
 * another one, which is as unique; and `marks` begins with a cache line.
 */
static __always_inline __u64 number_of(struct sock *sk)
{
	__u64 number = (__u64)sk;

	asm volatile("%0 -= %1" : "+r"(number) : "r"(marks));
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

/*
 * Where its mark may be: first at a place of its own in its bucket, so that it is found there next
 * time, too, and not in front of one that is left over. A few for each CPU would not do: in a
 * softirq that interrupts the last lane dozens of sockets leave theirs.
 */
static __always_inline __u64 *place_of(__u64 number, __u32 i)
{
	return &marks[((hash_of(number) >> 20) ^ i) & (MARK_BUCKETS * MARKS_IN_BUCKET - 1)];
}

_Static_assert(MARK_BUCKETS *MARKS_IN_BUCKET == 1 << (32 - 20), "the hash has as many bits");

/* A mark of the same socket is left over from a transition whose other lanes were all skipped. */
static __always_inline bool put_mark(struct sock *sk, int old, int new)
{
	__u64 number = number_of(sk), mark = mark_of(number, old, new);

	for (int i = 0; i < MARKS_IN_BUCKET; i++) {
		__u64 *place = place_of(number, i), was = *(volatile __u64 *)place;

		if (was && (was ^ mark) >> 8)
			continue;
		if (__sync_val_compare_and_swap(place, was, mark) == was)
			return true;
	}
	return false;
}

/* Is it marked? `clear`: not any more. */
static __always_inline bool has_mark(struct sock *sk, int old, int new, bool clear)
{
	__u64 number = number_of(sk), mark = mark_of(number, old, new);

	for (int i = 0; i < MARKS_IN_BUCKET; i++) {
		__u64 *place = place_of(number, i);

		if (*(volatile __u64 *)place != mark)
			continue;
		if (clear)
			*(volatile __u64 *)place = 0;
		return true;
	}
	return false;
}

#endif
