// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>

#include "sink.h"

/* What became of connections. */
static void print_opened(const struct counts *counts)
{
	struct opened opened;

	counts__opened(counts, &opened);
	fprintf(stderr,
		"%" PRIu64 " connections opened (%" PRIu64 " active, %" PRIu64 " passive), %" PRIu64
		" closed, %" PRIu64 " failed\n",
		opened.active + opened.passive, opened.active, opened.passive, opened.closed,
		opened.failed);
	if (counts->drift)
		fprintf(stderr, "drift: %" PRIu64 "\n", counts->drift);
}

void summary__print(const struct sink_summary *summary)
{
	const struct totals *totals = summary->totals;

	fprintf(stderr, "\n%" PRIu64 " transitions in %.3f s, %" PRIu64 " lost\n",
		totals->transitions, summary->duration_ns / 1e9, totals->lost);
	if (summary->counts)
		print_opened(summary->counts);
	if (!totals->transitions)
		return;
	fprintf(stderr, "%-12s %12s %12s\n", "STATE", "ENTERED", "LEFT");
	for (unsigned int state = 1; state < STATE_COUNT; state++)
		if (totals->entered[state] || totals->left[state])
			fprintf(stderr, "%-12s %12" PRIu64 " %12" PRIu64 "\n", state__name(state),
				totals->entered[state], totals->left[state]);
}

void sink__summary(struct sink *sink, const struct sink_summary *summary, bool quiet)
{
	if (sink->ops->summary) {
		sink->ops->summary(sink, summary);
		output__flush(sink->out);
	} else if (!quiet) {
		summary__print(summary);
	}
}
