// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Kept are transitions, not rows: of many that come, few are seen. */
#include "tail.h"

#include <stdlib.h>
#include <string.h>

#include "../sinks/sink.h"

struct tail {
	struct filter filter;
	struct sieve sieve;
	struct transition_handler handler; /* behind the sieve */
	struct output *out;		   /* nothing of it is ever written */
	struct sink *sink;
	uint64_t count; /* all that have been */
	uint64_t missed;
	bool held;
	struct transition kept[TAIL_ROWS];
};

static int on_transition(void *ctx, struct transition *tr)
{
	struct tail *tail = ctx;

	if (tail->held)
		tail->missed++;
	else
		tail->kept[tail->count++ % TAIL_ROWS] = *tr;
	return 0;
}

static void on_loss(void *ctx, const struct loss *loss)
{
	(void)ctx, (void)loss;
}

struct tail *tail__new(const struct filter *filter)
{
	const struct sink_options options = {};
	struct tail *tail = malloc(sizeof(*tail));
	int err;

	if (!tail)
		return NULL;
	tail->filter = *filter;
	tail->count = tail->missed = 0;
	tail->held = false;
	tail->handler = (struct transition_handler){ on_transition, on_loss, tail };
	err = sieve__init(&tail->sieve, &tail->filter);
	sieve__deliver_to(&tail->sieve, &tail->handler);
	tail->out = output__new(-1, -1);
	tail->sink = tail->out ? text_sink__new(tail->out, &options) : NULL;
	if (!err && tail->sink)
		return tail;
	tail->filter.tree = NULL; /* the caller's still */
	tail__free(tail);
	return NULL;
}

void tail__free(struct tail *tail)
{
	if (!tail)
		return;
	free(tail->sink);
	output__free(tail->out);
	sieve__free(&tail->sieve);
	filter__free(&tail->filter);
	free(tail);
}

struct transition_handler tail__handler(struct tail *tail)
{
	return sieve__handler(&tail->sieve);
}

uint32_t tail__count(const struct tail *tail)
{
	return tail->count < TAIL_ROWS ? tail->count : TAIL_ROWS;
}

void tail__hold(struct tail *tail, bool held)
{
	tail->held = held;
	if (held || !tail->missed)
		return;
	tail->count = tail->missed = 0;
}

uint64_t tail__missed(const struct tail *tail)
{
	return tail->missed;
}

/* Into the output, which has room for all. */
static void print_rows(struct tail *tail, uint32_t first, uint32_t count)
{
	uint64_t oldest = tail->count - tail__count(tail);
	const struct sink_ops *ops = tail->sink->ops;
	const struct sink_start start = {};

	output__drop(tail->out);
	ops->start(tail->sink, &start);
	for (uint32_t i = first; i < first + count; i++)
		ops->transition(tail->sink, &tail->kept[(oldest + i) % TAIL_ROWS]);
}

static size_t count_lines(const char *text, size_t size)
{
	size_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	return lines;
}

void tail__print(struct tail *tail, uint32_t first, uint32_t count,
		 void (*line)(void *ctx, const char *text, size_t len), void *ctx)
{
	uint32_t there = tail__count(tail);
	const char *text, *end;
	size_t size;

	if (first > there)
		first = there;
	if (count > there - first)
		count = there - first;
	print_rows(tail, first, count);
	text = output__text(tail->out, &size);
	/* A wide address has widened the columns on the way: now all rows have them so. */
	if (count_lines(text, size) != count + 1)
		print_rows(tail, first, count);
	text = output__text(tail->out, &size);
	for (end = text + size; text < end; text += size + 1) {
		size = (const char *)memchr(text, '\n', end - text) - text;
		line(ctx, text, size);
	}
}
