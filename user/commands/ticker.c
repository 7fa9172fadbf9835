// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "ticker.h"

#include "../support/clock.h"
#include "../support/message.h"

#define CENSUS_EVERY (60 * NS_PER_S)

static int read_counters(struct ticker *ticker, struct counts *now)
{
	int err = counting__read(ticker->counting, now);

	return err ? message_errno(err, "reading the counters") : 0;
}

static int take_census(struct ticker *ticker)
{
	int err = counting__census(ticker->counting);

	if (err)
		return message_errno(err, "counting the sockets");
	ticker->census_at = clock_ns(CLOCK_BOOTTIME) + CENSUS_EVERY;
	return 0;
}

int ticker__open(struct ticker *ticker, const struct counting_options *options)
{
	*ticker = (struct ticker){};
	return counting__open(options, &ticker->counting);
}

int ticker__start(struct ticker *ticker)
{
	int err = counting__start(ticker->counting) ?: read_counters(ticker, &ticker->first);

	ticker->row = ticker->first;
	ticker->census_at = ticker->first.at + CENSUS_EVERY;
	return err;
}

void ticker__print(struct ticker *ticker, struct sink *sink, const struct counts *now)
{
	struct sink_totals totals = { .counts = now };

	counts__rates(&ticker->row, now, &totals.rates);
	sink__totals(sink, &totals);
	ticker->row = *now;
}

/* A transition that was lost leaves the numbers wrong until the next census: take it now. */
static bool is_census_due(const struct ticker *ticker, const struct counts *now)
{
	return now->at >= ticker->census_at || now->lost != ticker->row.lost ||
	       counting__wants_census(ticker->counting);
}

int ticker__read(struct ticker *ticker, struct counts *now)
{
	int err = read_counters(ticker, now);

	if (!err && is_census_due(ticker, now))
		err = take_census(ticker) ?: read_counters(ticker, now);
	return err;
}

int ticker__tick(struct ticker *ticker, struct sink *sink)
{
	struct counts now;
	int err = ticker__read(ticker, &now);

	if (!err)
		ticker__print(ticker, sink, &now);
	return err;
}

int ticker__conclude(struct ticker *ticker, struct counts *now)
{
	int err = take_census(ticker);

	if (err)
		return err;
	counting__stop(ticker->counting);
	return read_counters(ticker, now);
}

void ticker__close(struct ticker *ticker)
{
	counting__free(ticker->counting);
}
