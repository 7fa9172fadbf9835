// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "ring.h"

/*
 * Each one that fails means that another record got the place. It has brought the cache line here,
 * so that the next one hardly ever does; and each is verified anew.
 */
#define CLAIM_TRIES 16

__noinline __u64 ring__claim(struct ring_ends *ends)
{
	__u64 at, was;

	if (!ends)
		return 0;
	at = *(volatile __u64 *)&ends->head;
	for (int i = 0; i < CLAIM_TRIES; i++) {
		__u64 next = at + 1;

		/* Negative where others got the place meanwhile, and it is already taken. */
		if ((__s64)(at - *(volatile __u64 *)&ends->taken) >= (__s64)RING_LAP)
			return 0;
		if ((__u32)next == slots_in_ring)
			next += RING_LAP - slots_in_ring;
		was = __sync_val_compare_and_swap(&ends->head, at, next);
		if (was == at)
			return at;
		at = was;
	}
	return 0;
}
