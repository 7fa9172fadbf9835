/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which transitions the user wants to see. */
#ifndef TCPFLUX_FILTER_H
#define TCPFLUX_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "../support/parse.h"
#include "../transition.h"

/* Every criterion that is given must hold. */
struct filter {
	bool only_ipv4, only_ipv6;
	struct ranges lports, rports;
	struct ranges pids;
	const char *comm; /* NULL: any */
	uint32_t netns;	  /* inode number; 0: any */
};

enum filter_verdict {
	FILTER_DROP,
	FILTER_PASS,
	/* A client's first transition, when connect() has not chosen the local port yet. */
	FILTER_UNDECIDED,
};

enum filter_verdict filter__match(const struct filter *filter, const struct transition *tr);

#endif
