// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For who wants no rows, but a summary. */
#include <stdlib.h>

#include "sink.h"

static void no_start(struct sink *sink, const struct sink_start *start)
{
	(void)sink, (void)start;
}

static void no_transition(struct sink *sink, const struct transition *tr)
{
	(void)sink, (void)tr;
}

static void no_loss(struct sink *sink, const struct loss *loss)
{
	(void)sink, (void)loss;
}

static const struct sink_ops none_ops = {
	.start = no_start,
	.transition = no_transition,
	.loss = no_loss,
};

struct sink *none_sink__new(struct output *out, const struct sink_options *options)
{
	struct sink *sink = malloc(sizeof(*sink));

	(void)options;
	if (sink)
		*sink = (struct sink){ &none_ops, out };
	return sink;
}
