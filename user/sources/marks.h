/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table by which lanes tell one another what is done, see bpf/marks.h. */
#ifndef TCPFLUX_MARKS_H
#define TCPFLUX_MARKS_H

#include <linux/types.h>
#include <stdint.h>

#include "mark.h"

#define MARKS (MARK_BUCKETS * MARKS_IN_BUCKET)

/* Zeros to begin with. */
struct marks {
	uint64_t old[MARKS];
	uint64_t at; /* when they were looked at; CLOCK_BOOTTIME, ns */
};

/*
 * A transition of which all lanes but the first were skipped leaves its mark behind: takes those
 * away that are too old. now: CLOCK_BOOTTIME, ns; it may be called often.
 */
void marks__sweep(struct marks *marks, __u64 *table, uint64_t now);

#endif
