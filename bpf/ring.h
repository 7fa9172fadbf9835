/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The way out of the kernel, and the counters that make "submitted + lost = happened" hold. */
#ifndef TCPFLUX_RING_H
#define TCPFLUX_RING_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "event.h"

/* The loader makes them, in the size that it wants. */
struct ring_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 << 10); /* a multiple of any page's size */
};

/*
 * CPUs that write into one ring wait for one another, and for what its writers and its reader have
 * changed to come from the other's cache: that took a third of the time of a record.
 */
struct rings_map {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1); /* set by the loader, a power of two */
	__type(key, __u32);
	__array(values, struct ring_map);
};

extern struct rings_map rings SEC(".maps");
extern const volatile __u32 last_ring;

/*
 * Set while all lanes are attached: one lane alone would miss some, so tracing begins and ends
 * with this and not with an attachment.
 */
extern bool tracing;

/* Global, not per CPU: written only when something goes wrong, and each record carries `lost`. */
extern __u64 lost;	/* records that found the ring full */
extern __u64 unmarked;	/* transitions that lane A left to others, having no place for a mark */
extern __u64 repaired;	/* transitions that others had lane A handle after all */
extern __u64 untracked; /* of sockets of which nothing could be kept, or without lane A */
extern __u64 gaps;	/* transitions from another state than the socket's last one led to */

/* In the ring of this CPU. NULL: it is full, which has been counted. */
static __always_inline void *ring__reserve(const __u64 size)
{
	__u32 at = bpf_get_smp_processor_id() & last_ring;
	void *ring = bpf_map_lookup_elem(&rings, &at), *record;

	record = ring ? bpf_ringbuf_reserve(ring, size, 0) : NULL;
	if (!record)
		__sync_fetch_and_add(&lost, 1);
	return record;
}

#endif
