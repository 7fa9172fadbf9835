// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "../support/clock.h"

bool progress__is_wanted(bool quiet)
{
	return !quiet && isatty(STDERR_FILENO);
}

void progress__show(struct progress *progress, uint64_t transitions, uint64_t bytes, uint64_t lost)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	uint64_t ns = progress->time ? now - progress->time : NS_PER_S;
	double rate = (double)(transitions - progress->transitions) * NS_PER_S / ns;

	/* It may have become shorter: clear what is behind it. */
	fprintf(stderr,
		"\r%" PRIu64 " transitions, %.0f/s, %.1f MB written, %" PRIu64 " lost\033[K",
		transitions, rate, bytes / 1e6, lost);
	*progress = (struct progress){ now, transitions };
}

void progress__end(const struct progress *progress)
{
	if (progress->time)
		fputs("\r\033[K", stderr);
}
