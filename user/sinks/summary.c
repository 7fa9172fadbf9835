// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Numbers for people, and the way to them where a format has no place for numbers. */
#include <inttypes.h>
#include <stdio.h>

#include "../support/format.h"
#include "sink.h"

static char *put_rate(char *p, const char *before, uint64_t rate)
{
	p = format__u64(format__str(p, before), (rate + 500) / 1000);
	return format__str(p, "/s");
}

char *totals__line(char *p, const struct sink_totals *totals)
{
	const char *separator = "-- ";

	for (unsigned int i = 0; i < COUNTED_STATES; i++) {
		uint64_t count = totals->counts->states[counted_states[i]];

		if (!count)
			continue;
		p = format__state(format__str(p, separator), counted_states[i]);
		p = format__u64(format__str(p, " "), count);
		separator = ", ";
	}
	if (*separator == '-')
		p = format__str(p, "-- no sockets");
	p = put_rate(p, "; opened ", totals->rates.active + totals->rates.passive);
	p = put_rate(p, ", closed ", totals->rates.closed);
	return format__str(put_rate(p, ", failed ", totals->rates.failed), "\n");
}

void sink__totals(struct sink *sink, const struct sink_totals *totals)
{
	char line[TOTALS_LINE_MAX];

	if (sink->ops->totals) {
		sink->ops->totals(sink, totals);
		output__flush(sink->out);
	} else {
		fwrite(line, totals__line(line, totals) - line, 1, stderr);
	}
}

void sink__so_far(struct sink *sink, const struct sink_summary *summary)
{
	if (sink->ops->so_far) {
		sink->ops->so_far(sink, summary);
		output__flush(sink->out);
	} else {
		summary__print(summary);
	}
}

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
