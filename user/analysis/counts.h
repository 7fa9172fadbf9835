/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many sockets there are in each state, and how many have moved between them. */
#ifndef TCPFLUX_COUNTS_H
#define TCPFLUX_COUNTS_H

#include "../state.h"
#include "totals.h"

/* The states that a socket can be found in, in the order in which people are shown them. */
#define COUNTED_STATES 10
extern const unsigned char counted_states[COUNTED_STATES];

struct counts {
	uint64_t time; /* ns since the epoch, UTC */
	uint64_t at;   /* CLOCK_BOOTTIME, ns */
	/* Now, as `ss -tan` counts them: requests are in SYN_RECV, stand-ins where they belong. */
	uint64_t states[STATE_COUNT];
	/* Transitions since the start, by old and new state. */
	uint64_t moved[STATE_COUNT][STATE_COUNT];
	uint64_t lost;	/* transitions, since the start */
	uint64_t drift; /* sockets by which later censuses have differed, since the start */
};

/* Of connections. */
struct opened {
	uint64_t active;  /* by connect() */
	uint64_t passive; /* by a listener */
	uint64_t closed;  /* of those that were open */
	uint64_t failed;  /* attempts */
};

/* What so many transitions from one state to another mean, in the tracepoint's own words. */
void opened__add(struct opened *opened, unsigned int old_state, unsigned int new_state,
		 uint64_t count);
uint64_t opened__sum(const struct opened *opened);

/* In thousandths a second, of what has happened in so many ns. */
struct opened opened__rates(const struct opened *opened, uint64_t ns);

/* Since the start. */
void counts__opened(const struct counts *counts, struct opened *opened);

/* Between the two, in thousandths a second. */
void counts__rates(const struct counts *before, const struct counts *after, struct opened *rates);

/* Since the start. */
void counts__totals(const struct counts *counts, struct totals *totals);

#endif
