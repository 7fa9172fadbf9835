// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "grouped.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../filter/sieve.h"
#include "../sources/live.h"
#include "../sources/sockets.h"
#include "../support/clock.h"
#include "../support/message.h"
#include "filtering.h"

#define BUFFER	 (16u << 20)
#define BATCH_NS (10 * NS_PER_MS)

struct grouped {
	struct grouped_options options;
	struct tallies *tallies;
	struct live *live;
	struct sockets *sockets;
	struct sockets_unseen unseen; /* by the last walk */
	struct sieve sieve;
	struct totals totals;
	uint64_t since; /* of the rates; CLOCK_BOOTTIME, ns */
};

void grouped__free(struct grouped *grouped)
{
	if (!grouped)
		return;
	live__free(grouped->live);
	sockets__free(grouped->sockets);
	tallies__free(grouped->tallies);
	sieve__free(&grouped->sieve);
	free(grouped);
}

static int on_transition(void *ctx, struct transition *tr)
{
	struct grouped *grouped = ctx;

	totals__add(&grouped->totals, tr);
	return tallies__add_transition(grouped->tallies, tr);
}

static void on_loss(void *ctx, const struct loss *loss)
{
	struct grouped *grouped = ctx;

	totals__add_loss(&grouped->totals, loss);
}

static int drain(void *ctx)
{
	struct grouped *grouped = ctx;
	struct transition_handler wanted = { on_transition, on_loss, grouped };
	struct transition_handler all = sieve__handler(&grouped->sieve);
	int err;

	sieve__deliver_to(&grouped->sieve, &wanted);
	err = live__drain(grouped->live, &all);
	return err ? message_errno(err, "tracing") : 0;
}

int grouped__open(const struct grouped_options *options, struct grouped **result)
{
	struct live_options live_options = {
		.buffer = BUFFER,
		.verbose = options->verbose,
		.raw = true, /* that a TIME_WAIT ends closes nothing */
		.filter = options->filter,
	};
	struct sockets_options sockets_options = {
		.verbose = options->verbose,
		.netns = options->netns,
		.filter = options->filter,
		.pace = drain,
	};
	struct grouped *grouped = calloc(1, sizeof(*grouped));

	*result = grouped;
	sockets_options.ctx = grouped;
	if (grouped)
		grouped->tallies = tallies__new(options->by);
	if (!grouped || !grouped->tallies || sieve__init(&grouped->sieve, options->filter))
		return message_errno(-ENOMEM, "starting");
	grouped->options = *options;
	return live__open(&live_options, &grouped->live)
		       ?: sockets__open(&sockets_options, &grouped->sockets);
}

int grouped__start(struct grouped *grouped, struct loop *loop)
{
	int err = live__start(grouped->live);

	if (err)
		return err;
	if (grouped->options.verbose)
		filtering__say(grouped->options.filter);
	grouped->since = clock_ns(CLOCK_BOOTTIME);
	err = loop__watch(loop, live__fd(grouped->live), BATCH_NS, drain, grouped);
	return err ? message_errno(err, "starting") : 0;
}

static int on_socket(void *ctx, const struct tcp_socket *socket)
{
	struct grouped *grouped = ctx;

	if (!filter__match_socket(grouped->options.filter, socket))
		return 0;
	return tallies__add_socket(grouped->tallies, socket);
}

static void print(const struct grouped *grouped, struct sink *sink)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME), top = grouped->options.top;
	struct counts counts = { .time = clock_ns(CLOCK_REALTIME), .lost = grouped->totals.lost };
	const struct tally *tally;
	size_t count = tallies__sorted(grouped->tallies, &tally);

	for (size_t i = 0; i < count && (!top || i < top); i++, tally++) {
		struct sink_totals totals = {
			.counts = &counts,
			.rates = opened__rates(&tally->opened, now - grouped->since),
			.tally = tally,
			.first = !i,
		};

		memcpy(counts.states, tally->states, sizeof(counts.states));
		sink->ops->totals(sink, &totals);
	}
	output__flush(sink->out);
}

int grouped__tick(struct grouped *grouped, struct sink *sink)
{
	struct sockets_unseen unseen;
	int err = drain(grouped);

	if (err)
		return err;
	err = sockets__walk(grouped->sockets, on_socket, grouped, &unseen);
	if (err)
		return message_errno(err, "listing sockets");
	if (!grouped->options.quiet)
		sockets_unseen__say(&unseen, &grouped->unseen);
	grouped->unseen = unseen;
	print(grouped, sink);
	tallies__clear(grouped->tallies);
	grouped->since = clock_ns(CLOCK_BOOTTIME);
	return 0;
}

int grouped__conclude(struct grouped *grouped, struct totals *totals)
{
	int err;

	live__stop(grouped->live);
	err = drain(grouped);
	*totals = grouped->totals;
	return err;
}

const struct probe *grouped__probes(const struct grouped *grouped)
{
	return live__probes(grouped->live);
}
