/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables by which lanes tell one another what is done, see bpf/marks.h. */
#ifndef TCPFLUX_MARKS_H
#define TCPFLUX_MARKS_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "mark.h"

struct marks {
	struct mark_table *tables; /* shared with the kernel; NULL: not open */
	uint64_t *old;		   /* as they were when they were looked at */
	unsigned int count;	   /* of all marks in them */
	uint64_t at;		   /* when they were looked at; CLOCK_BOOTTIME, ns */
};

/* Before the load: how many tables there are; see lanes__choose(). 0 or a negative errno. */
int marks__set_tables(struct bpf_map *map, unsigned int cpus, bool lanes_move);

/* After it. Returns 0 or a negative errno; `marks` is to be closed, or zeros, in either case. */
int marks__open(struct marks *marks, const struct bpf_map *map);
void marks__close(struct marks *marks);

/*
 * A transition of which all lanes but the first were skipped leaves its mark behind: takes those
 * away that are too old. now: CLOCK_BOOTTIME, ns; it may be called often.
 */
void marks__sweep(struct marks *marks, uint64_t now);

#endif
