/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way out of the kernel, and the counters that make "submitted + lost = happened" hold.
 *
 * BPF's own ring buffer takes a lock with interrupts off for each record, and its commit waits
 * until all that was written before has come through to the cache: that took half of the time of a
 * transition. Here a record's place is claimed by one atomic instruction: whoever interrupts a
 * program, or shares a ring with another CPU, claims the next. BPF's ring is only the bell that
 * wakes the reader, and rings once for all that it finds then.
 */
#ifndef TCPFLUX_RING_H
#define TCPFLUX_RING_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "slot.h"

/* The loader sets how many there are; CPUs that write into one ring wait for its cache lines. */
struct ring_ends_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* rings: a power of two */
	__type(key, __u32);
	__type(value, struct ring_ends);
};

struct ring_slots_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* of all rings, one behind the other */
	__type(key, __u32);
	__type(value, struct ring_slot);
};

struct bell_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 << 10); /* a multiple of any page's size */
};

extern struct ring_ends_map ring_ends SEC(".maps");
extern struct ring_slots_map ring_slots SEC(".maps");
extern struct bell_map bell SEC(".maps");
extern const volatile __u32 last_ring;
extern const volatile __u32 slots_in_ring;
extern const volatile bool stores_in_order; /* as a CPU makes them (x86) */

/*
 * Set while all lanes are attached: one lane alone would miss some, so tracing begins and ends
 * with this and not with an attachment.
 */
extern bool tracing;

extern __u64 awaited; /* the reader wants to hear of the next record */

/* Global, not per CPU: written only when something goes wrong, and each record carries `lost`. */
extern __u64 lost;	/* records that found the ring full */
extern __u64 repaired;	/* transitions that others had lane A handle after all */
extern __u64 untracked; /* of sockets of which nothing could be kept, or without lane A */
extern __u64 gaps;	/* transitions from another state than the socket's last one led to */
extern __u64 let_in;	/* transitions that lanes are kept from, and the sockops program handled */

static __always_inline bool is_tracing(void)
{
	return *(volatile bool *)&tracing;
}

/*
 * The position of a record to be written in the ring with these ends. 0: there is no room. Verified
 * once, and not again on each path to a record.
 */
__u64 ring__claim(struct ring_ends *ends);

/* In the ring of this CPU, for ring__submit(). NULL: it is full, which has been counted. */
static __always_inline struct ring_slot *ring__reserve(__u64 *turn)
{
	__u32 ring = bpf_get_smp_processor_id() & last_ring, number;
	struct ring_ends *ends = bpf_map_lookup_elem(&ring_ends, &ring);

	*turn = ring__claim(ends);
	if (!*turn) {
		__sync_fetch_and_add(&lost, 1);
		return NULL;
	}
	number = ring * slots_in_ring + (__u32)*turn;
	return bpf_map_lookup_elem(&ring_slots, &number);
}

/*
 * The record is complete: what is in the slot was written before its turn. Where the CPU keeps
 * stores in their order they need no barrier, which would wait until they have all come through to
 * the cache. Nor does the bell: the reader has said that it waits before it looks for the head,
 * which a claim has moved, with a barrier, before it looks here.
 */
static __always_inline void ring__submit(struct ring_slot *slot, __u64 turn)
{
	if (stores_in_order) {
		barrier();
		*(volatile __u64 *)&slot->turn = turn;
	} else {
		(void)__sync_lock_test_and_set(&slot->turn, turn);
	}
	if (*(volatile __u64 *)&awaited && __sync_lock_test_and_set(&awaited, 0))
		bpf_ringbuf_output(&bell, &turn, sizeof(turn), BPF_RB_FORCE_WAKEUP);
}

#endif
