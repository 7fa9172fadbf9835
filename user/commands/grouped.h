/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How many sockets there are, told from time to time for each process, port or namespace: a walk
 * over all of them tells their number, and the stream of transitions what has become of others.
 */
#ifndef TCPFLUX_GROUPED_H
#define TCPFLUX_GROUPED_H

#include "../analysis/totals.h"
#include "../filter/filter.h"
#include "../sinks/sink.h"
#include "../support/loop.h"

struct grouped;

struct grouped_options {
	enum tally_by by;
	uint64_t top;		     /* rows at a time; 0: all */
	uint32_t netns;		     /* only one, by its inode number; 0: all */
	const struct filter *filter; /* only what passes it */
	bool quiet;		     /* no notices */
	bool verbose;		     /* show what libbpf says */
};

/* Those that return an int return 0 or a negative errno, and have said what went wrong. */

/* Free the result with grouped__free() in any case. */
int grouped__open(const struct grouped_options *options, struct grouped **grouped);
void grouped__free(struct grouped *grouped); /* safe on NULL; nothing stays in the kernel */

/* From here on, also while `loop` runs, transitions are counted. */
int grouped__start(struct grouped *grouped, struct loop *loop);

/* Prints the numbers of now, and the rates since the last time. */
int grouped__tick(struct grouped *grouped, struct sink *sink);

/* Ends the stream: what has happened since the start is in *totals then. */
int grouped__conclude(struct grouped *grouped, struct totals *totals);

/* Ends with a row without a name. */
const struct probe *grouped__probes(const struct grouped *grouped);

#endif
