/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The source of numbers: counters in the kernel, and the censuses that they begin with. */
#ifndef TCPFLUX_COUNTING_H
#define TCPFLUX_COUNTING_H

#include <stdbool.h>
#include <stdint.h>

#include "../analysis/counts.h"
#include "../probe.h"

struct counting;

struct counting_options {
	uint32_t netns; /* the only one, by its inode number; 0: all */
	bool verbose;	/* show what libbpf says, and by what a census differs */
};

/*
 * Loads the programs. Returns 0 or a negative errno; what went wrong has been said.
 * Free the result with counting__free().
 */
int counting__open(const struct counting_options *options, struct counting **counting);

/* From here on every transition is counted. Takes the first census. Returns as counting__open(). */
int counting__start(struct counting *counting);

/*
 * Gives up the capabilities that are not needed from here on. Returns 0 or a negative errno.
 */
int counting__drop_privileges(void);

/* Another census, from whose numbers it goes on. Returns 0 or a negative errno. */
int counting__census(struct counting *counting);

/* Is one due? Namespaces have come or gone, as the last counting__read() has found. */
bool counting__wants_census(const struct counting *counting);

/* The numbers now. Returns 0 or a negative errno. */
int counting__read(struct counting *counting, struct counts *now);

/* Ends it: what counting__read() returns from now on is final. */
void counting__stop(struct counting *counting);

/* Safe on NULL. Nothing stays in the kernel. */
void counting__free(struct counting *counting);

/* Ends with a row without a name. */
const struct probe *counting__probes(const struct counting *counting);

/* The row about the census alone, the last one of these. */
const struct probe *counting__census_probe(const struct counting *counting);

#endif
