// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Totals for spreadsheets: the members of JSON's totals as columns. */
#include <stdlib.h>

#include "fields.h"
#include "sink.h"

#define ROW_MAX 1024

struct stat_csv_sink {
	struct sink sink;
	enum tally_by by;
	struct format_clock clock;
};

static const char *const titles[] = {
	[TALLY_BY_NOTHING] = "",
	[TALLY_BY_NETNS] = ",netns",
	[TALLY_BY_PID] = ",pid,comm,uid",
	[TALLY_BY_LPORT] = ",lport",
};

static void stat_csv_start(struct sink *sink, const struct sink_start *start)
{
	const struct stat_csv_sink *csv = (struct stat_csv_sink *)sink;
	char *p = output__reserve(sink->out, ROW_MAX);

	(void)start;
	p = format__str(format__str(p, "time"), titles[csv->by]);
	for (unsigned int i = 0; i < COUNTED_STATES; i++)
		p = format__state(format__str(p, ","), counted_states[i]);
	p = format__str(p, ",opened,opened_active,opened_passive,closed,failed,drift,lost\n");
	output__commit(sink->out, p);
}

static char *put_count(char *p, uint64_t count)
{
	return format__u64(comma(p), count);
}

static char *put_rate(char *p, uint64_t rate)
{
	return format__us(comma(p), rate);
}

static void stat_csv_totals(struct sink *sink, const struct sink_totals *totals)
{
	struct stat_csv_sink *csv = (struct stat_csv_sink *)sink;
	const struct opened *rates = &totals->rates;
	char *p = output__reserve(sink->out, ROW_MAX);

	p = format__utc(p, &csv->clock, totals->counts->time);
	if (csv->by == TALLY_BY_PID)
		p = put_process(p, &totals->tally->owner);
	else if (csv->by)
		p = put_count(p, totals->tally->key);
	for (unsigned int i = 0; i < COUNTED_STATES; i++)
		p = put_count(p, totals->counts->states[counted_states[i]]);
	p = put_rate(p, rates->active + rates->passive);
	p = put_rate(p, rates->active);
	p = put_rate(p, rates->passive);
	p = put_rate(p, rates->closed);
	p = put_rate(p, rates->failed);
	p = totals->tally ? comma(p) : put_count(p, totals->counts->drift);
	p = put_count(p, totals->counts->lost);
	output__commit(sink->out, format__str(p, "\n"));
}

static const struct sink_ops stat_csv_ops = {
	.start = stat_csv_start,
	.totals = stat_csv_totals,
};

struct sink *stat_csv_sink__new(struct output *out, const struct sink_options *options)
{
	struct stat_csv_sink *csv = calloc(1, sizeof(*csv));

	if (!csv)
		return NULL;
	csv->by = options->by;
	csv->sink = (struct sink){ &stat_csv_ops, out };
	return &csv->sink;
}
