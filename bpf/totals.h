/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What totals.bpf.c counts and the user side reads, without a system call, by mmap(). */
#ifndef TCPFLUX_TOTALS_BPF_H
#define TCPFLUX_TOTALS_BPF_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/* Those of whole sockets, from TCP_ESTABLISHED, 1, to TCP_CLOSING. */
#define COUNTER_STATES 11

/* A cell for each pair of them; a power of two, for rather a wrong cell than a check. */
#define COUNTER_CELLS 128

static inline __u32 counter_cell(int old, int new)
{
	return (__u32)(old - 1) * COUNTER_STATES + new - 1;
}

/*
 * One CPU's. Between two transitions the kernel does so much else that each line of the cache is
 * fetched anew, which takes longer than to count. So all that a transition needs every time is in
 * the first one, but for its cell, and that is in the same page.
 */
struct counters {
	/* The cookie of the last network namespace that counted; 0: ask anew. */
	__u64 netns;
	__u64 mark;  /* of the latest transition, see marks.h */
	__u32 phase; /* the one of all CPUs, while it does not change; 0: ask for that */
	__u32 reserved[11];
	/*
	 * What the census under way has found: sockets as they were when the epoch began, by their
	 * state.
	 */
	__u64 seed[16];
	/*
	 * Of the epochs with even and with odd numbers: transitions that the first lane has
	 * counted, see counter_cell().
	 */
	__u64 moved[2][COUNTER_CELLS];
} __attribute__((aligned(4096)));

_Static_assert(sizeof(struct counters) == 4096, "no longer in one page");

/*
 * What programs do, in one word, so that they change all of it in one moment: each reads it once.
 * While it changes they all read the same one; else each CPU has a copy.
 */
#define PHASE_ODD    (1 << 0) /* the epoch */
#define PHASE_CENSUS (1 << 1) /* sockets are counted at first sight, too */
#define PHASE_ON     (1 << 2)

#endif
