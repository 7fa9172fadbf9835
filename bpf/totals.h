/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What totals.bpf.c counts and the user side reads, without a system call, by mmap(). */
#ifndef TCPFLUX_TOTALS_BPF_H
#define TCPFLUX_TOTALS_BPF_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/* A state is four bits here: rather a place for states that are none than a check. */
#define COUNTER_STATES 16

/* One CPU's. As long as some cache lines, which it then shares with no other CPU. */
struct counters {
	/*
	 * Of the epochs with even and with odd numbers: transitions that the first lane has
	 * counted, by old and new state.
	 */
	__u64 moved[2][COUNTER_STATES * COUNTER_STATES];
	/* What the census under way has found: sockets as they were when the epoch began. */
	__u64 seed[COUNTER_STATES];
	/* The cookie of the last network namespace that counted; 0: ask anew. */
	__u64 netns;
	__u64 reserved[7];
};

_Static_assert(sizeof(struct counters) % 64 == 0, "CPUs would share a cache line");

/*
 * What programs do, in one word, so that they change all of it in one moment: each reads it once.
 */
#define PHASE_ODD    (1 << 0) /* the epoch */
#define PHASE_CENSUS (1 << 1) /* sockets are counted at first sight, too */
#define PHASE_ON     (1 << 2)

#endif
