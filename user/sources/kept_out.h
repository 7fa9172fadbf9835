/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Transitions from which the kernel keeps the lanes because process 1 has the CPU, see hidden.h,
 * and which the sockops program has not handled for them either: nobody tells of these.
 */
#ifndef TCPFLUX_KEPT_OUT_H
#define TCPFLUX_KEPT_OUT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

struct witness;

struct kept_out {
	struct witness *witness; /* NULL: nobody counts, and there are none */
	const __u64 *let_in;	 /* those that the sockops program has handled, see bpf/ring.h */
	uint64_t before;	 /* what the witness had counted when tracing began */
	uint64_t counted;	 /* since then, when it was asked last */
	uint64_t at;		 /* when that was; CLOCK_BOOTTIME, ns */
	uint64_t number;
	bool ended;
};

/* Where process 1 is hidden; while this process has the rights that it began with. */
void kept_out__open(struct kept_out *kept_out);
void kept_out__close(struct kept_out *kept_out); /* one of zeros, too */

/* Around the time for which the lanes work; the counter stays there as long. */
void kept_out__begin(struct kept_out *kept_out, const __u64 *let_in);
void kept_out__end(struct kept_out *kept_out);

/*
 * How many there are, a second before `now` (CLOCK_BOOTTIME, ns): one that has just been counted
 * may still be handled, a birth in particular. After the end, and once no program runs any more,
 * `now` does not matter.
 */
uint64_t kept_out__number(struct kept_out *kept_out, uint64_t now);

#endif
