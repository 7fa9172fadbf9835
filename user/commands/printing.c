// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "printing.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "../support/clock.h"
#include "../support/message.h"
#include "../support/terminal.h"
#include "command.h"

static int on_transition(void *ctx, struct transition *tr)
{
	struct printing *printing = ctx;

	if (printing->end && tr->time > printing->end)
		return ENOUGH;
	if (printing->span_ns && !printing->end)
		printing->end = tr->time + printing->span_ns;
	totals__add(&printing->totals, tr);
	tr->seq = printing->totals.transitions;
	printing->sink->ops->transition(printing->sink, tr);
	if (tr->seq == printing->options->count)
		return ENOUGH;
	return output__error(printing->out);
}

static void on_loss(void *ctx, const struct loss *loss)
{
	struct printing *printing = ctx;

	totals__add_loss(&printing->totals, loss);
	printing->sink->ops->loss(printing->sink, loss);
}

int printing__begin(struct printing *printing, const struct capture_options *options, int stop_fd)
{
	struct sink_options sink_options = { .colour = terminal__wants_colour(STDOUT_FILENO) };
	static sink_new_fn *const sinks[FORMATS] = {
		[FORMAT_TEXT] = text_sink__new,
		[FORMAT_JSON] = json_sink__new,
		[FORMAT_CSV] = csv_sink__new,
	};
	sink_new_fn *sink_new = options->log_only ? none_sink__new : sinks[options->format];
	int err;

	*printing = (struct printing){
		.options = options,
		.handler = { on_transition, on_loss, printing },
	};
	err = sieve__init(&printing->sieve, &options->filter);
	sieve__deliver_to(&printing->sieve, &printing->handler);
	printing->out = output__new(STDOUT_FILENO, stop_fd);
	if (printing->out)
		printing->sink = sink_new(printing->out, &sink_options);
	if (err || !printing->sink)
		return message_errno(-ENOMEM, "starting");
	return 0;
}

void printing__free(struct printing *printing)
{
	free(printing->sink);
	output__free(printing->out);
	sieve__free(&printing->sieve);
}

struct transition_handler printing__handler(struct printing *printing)
{
	return sieve__handler(&printing->sieve);
}

int printing__say_why(const struct printing *printing, int err, const char *what)
{
	return !err || err == ENOUGH || err == -EPIPE || err == output__error(printing->out)
		       ? err
		       : message_errno(err, what);
}

void printing__so_far(const struct printing *printing, uint64_t duration_ns)
{
	struct sink_summary summary = {
		.time = clock_ns(CLOCK_REALTIME),
		.totals = &printing->totals,
		.duration_ns = duration_ns,
	};

	sink__so_far(printing->sink, &summary);
}

int printing__end(struct printing *printing, int err, uint64_t duration_ns)
{
	struct sink_summary summary = {
		.totals = &printing->totals,
		.duration_ns = duration_ns,
		.counts = printing->counts,
	};

	if (!err || err == ENOUGH || err == -EPIPE)
		sink__summary(printing->sink, &summary, printing->options->quiet);
	else if (err != output__error(printing->out))
		return EXIT_FAILED;
	if (output__say_failed(printing->out))
		return EXIT_FAILED;
	return printing->options->fail_on_loss && printing->totals.lost ? EXIT_LOSS : EXIT_DONE;
}
