// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "printing.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "../support/message.h"
#include "../support/terminal.h"
#include "command.h"

static int emit(struct printing *printing, struct transition *tr)
{
	totals__add(&printing->totals, tr);
	tr->seq = printing->totals.transitions;
	printing->sink->ops->transition(printing->sink, tr);
	if (tr->seq == printing->options->count)
		return ENOUGH;
	return output__error(printing->out);
}

static int on_transition(void *ctx, struct transition *tr)
{
	struct printing *printing = ctx;
	struct transition first;
	bool held = printing->options->filter.lports.count &&
		    hold__take(printing->hold, tr->cookie, &first);
	int err = 0;

	switch (filter__match(&printing->options->filter, tr)) {
	case FILTER_DROP:
		return 0;
	case FILTER_UNDECIDED:
		/* Rather one too many than one too few. */
		return hold__put(printing->hold, tr) ? emit(printing, tr) : 0;
	case FILTER_PASS:
		if (held)
			err = emit(printing, &first);
		return err ?: emit(printing, tr);
	}
	return 0;
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

	*printing = (struct printing){ .options = options };
	printing->hold = hold__new();
	printing->out = output__new(STDOUT_FILENO, stop_fd);
	if (printing->out)
		printing->sink = options->format(printing->out, &sink_options);
	if (!printing->hold || !printing->sink)
		return message_errno(-ENOMEM, "starting");
	return 0;
}

void printing__free(struct printing *printing)
{
	free(printing->sink);
	output__free(printing->out);
	hold__free(printing->hold);
}

struct transition_handler printing__handler(struct printing *printing)
{
	return (struct transition_handler){ on_transition, on_loss, printing };
}

int printing__say_why(const struct printing *printing, int err, const char *what)
{
	return !err || err == ENOUGH || err == -EPIPE || err == output__error(printing->out)
		       ? err
		       : message_errno(err, what);
}

int printing__end(struct printing *printing, int err, uint64_t duration_ns)
{
	struct sink_summary summary = { .totals = &printing->totals, .duration_ns = duration_ns };

	if (!err || err == ENOUGH || err == -EPIPE)
		sink__summary(printing->sink, &summary, printing->options->quiet);
	else if (err != output__error(printing->out))
		return EXIT_FAILED;
	if (output__say_failed(printing->out))
		return EXIT_FAILED;
	return printing->options->fail_on_loss && printing->totals.lost ? EXIT_LOSS : EXIT_DONE;
}
