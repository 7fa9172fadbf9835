/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many sockets there are, told from time to time: stat's rows, and those of trace --totals. */
#ifndef TCPFLUX_TICKER_H
#define TCPFLUX_TICKER_H

#include "../sinks/sink.h"
#include "../sources/counting.h"

struct ticker {
	struct counting *counting;
	uint64_t census_at;	  /* the next one; CLOCK_BOOTTIME, ns */
	struct counts first, row; /* when it began, and at the last row */
};

/* All of these return 0 or a negative errno, and have said what went wrong. */

/* End it with ticker__close() in any case. */
int ticker__open(struct ticker *ticker, const struct counting_options *options);

/* Counts from here on. */
int ticker__start(struct ticker *ticker);

/* The numbers of now, after another census where one is due. */
int ticker__read(struct ticker *ticker, struct counts *now);

/* Prints the numbers of now, and the rates since the last row. */
int ticker__tick(struct ticker *ticker, struct sink *sink);

/*
 * Ends the counting with a last census, which tells whether the numbers were right: they are in
 * *now then, with drift by what they were not.
 */
int ticker__conclude(struct ticker *ticker, struct counts *now);

/* A row as ticker__tick() prints it, of what ticker__conclude() has found. */
void ticker__print(struct ticker *ticker, struct sink *sink, const struct counts *now);

/* Safe on a ticker that is all zero. Nothing stays in the kernel. */
void ticker__close(struct ticker *ticker);

#endif
