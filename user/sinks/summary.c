// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>

#include "sink.h"

void summary__print(const struct sink_summary *summary)
{
	const struct totals *totals = summary->totals;

	fprintf(stderr, "\n%" PRIu64 " transitions in %.3f s, %" PRIu64 " lost\n",
		totals->transitions, summary->duration_ns / 1e9, totals->lost);
	if (!totals->transitions)
		return;
	fprintf(stderr, "%-12s %12s %12s\n", "STATE", "ENTERED", "LEFT");
	for (unsigned int state = 1; state < STATE_COUNT; state++)
		if (totals->entered[state] || totals->left[state])
			fprintf(stderr, "%-12s %12" PRIu64 " %12" PRIu64 "\n", state__name(state),
				totals->entered[state], totals->left[state]);
}
