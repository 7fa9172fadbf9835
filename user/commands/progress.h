/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A line on a terminal's standard error that says how far a log has come. */
#ifndef TCPFLUX_PROGRESS_H
#define TCPFLUX_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	uint64_t time; /* when it was shown last, CLOCK_MONOTONIC in ns; 0: never */
	uint64_t transitions;
};

bool progress__is_wanted(bool quiet);

void progress__show(struct progress *progress, uint64_t transitions, uint64_t bytes, uint64_t lost);

/* What follows has the line for itself. */
void progress__end(const struct progress *progress);

#endif
