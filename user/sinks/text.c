// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For people: a line a transition, in columns. */
#include <stdlib.h>

#include "../support/format.h"
#include "columns.h"
#include "sink.h"

/* Widths of the columns, the blank behind each included; see also columns.h. */
#define TIME_WIDTH 16 /* 14:02:11.123456 */
#define SPAN_WIDTH 9

#define ROW_MAX (512 + 2 * FORMAT_ADDRESS_MAX + FORMAT_ESCAPE_FACTOR * OWNER_COMM_LEN)

/* The columns of an owner: few of them make most rows, and a name takes long to check. */
#define OWNERS	  16 /* by pid */
#define OWNER_MAX (PID_WIDTH + COMM_WIDTH + FORMAT_ESCAPE_FACTOR * OWNER_COMM_LEN + FORMAT_SLACK)

struct owner_columns {
	struct owner owner;
	unsigned int len; /* 0: nothing is kept yet */
	char text[OWNER_MAX];
};

struct text_sink {
	struct sink sink;
	bool colour;
	unsigned int address_width;
	struct format_clock clock;
	struct owner_columns owners[OWNERS];
};

static char *put_header(const struct text_sink *text, char *p)
{
	p = put_left(p, "TIME", TIME_WIDTH);
	p = put_left(p, "PID", PID_WIDTH);
	p = put_left(p, "COMM", COMM_WIDTH);
	p = put_left(p, "LOCAL", text->address_width);
	p = put_left(p, "REMOTE", text->address_width);
	p = put_right(p, "OLD", STATE_WIDTH);
	p = format__str(p, " -> ");
	p = put_left(p, "NEW", STATE_WIDTH);
	p = put_right(p, "IN OLD", SPAN_WIDTH);
	return format__str(p, "  REASON\n");
}

static void text_start(struct sink *sink, const struct sink_start *start)
{
	const struct text_sink *text = (struct text_sink *)sink;

	(void)start;
	output__commit(sink->out, put_header(text, output__reserve(sink->out, ROW_MAX)));
}

static char *put_kept_owner(struct text_sink *text, char *p, const struct owner *owner)
{
	struct owner_columns *columns = &text->owners[owner->pid % OWNERS];

	if (!columns->len || columns->owner.how != owner->how || columns->owner.pid != owner->pid ||
	    memcmp(columns->owner.comm, owner->comm, sizeof(owner->comm))) {
		columns->owner = *owner;
		columns->len = put_owner(columns->text, owner) - columns->text;
	}
	memcpy(p, columns->text, OWNER_MAX); /* of a known size, and then cut */
	return p + columns->len;
}

/* The old state ends, the new one begins at the arrow; colours take no place in the columns. */
static char *put_states(const struct text_sink *text, char *p, const struct transition *tr)
{
	p = put_blanks(p, STATE_WIDTH - state_width(tr->old_state));
	p = put_coloured(p, tr->old_state, text->colour);
	p = format__str(p, " -> ");
	p = put_coloured(p, tr->new_state, text->colour);
	return put_blanks(p, STATE_WIDTH - state_width(tr->new_state));
}

static char *put_span(char *p, int64_t ns)
{
	char text[SPAN_WIDTH + FORMAT_SPAN_MAX + FORMAT_SLACK], *end, *start;

	if (ns == NOT_KNOWN)
		return put_right(p, "-", SPAN_WIDTH);
	end = format__span(put_blanks(text, SPAN_WIDTH), ns);
	start = end - text < 2 * SPAN_WIDTH ? end - SPAN_WIDTH : text + SPAN_WIDTH;
	memcpy(p, start, FORMAT_SLACK); /* of a known size, and then cut */
	return p + (end - start);
}

static char *put_reason(char *p, const struct transition *tr)
{
	const char *reason = transition__reason(tr);

	if (reason)
		p = format__str(format__str(p, "  "), reason);
	if (tr->inferred)
		p = format__str(p, " (inferred)");
	return p;
}

/* Returns the row's end, or NULL if an address is too wide; *width is then what it needs. */
static char *put_row(struct text_sink *text, char *p, const struct transition *tr,
		     unsigned int *width)
{
	char *column;

	p = format__pad(format__local(p, &text->clock, tr->time), p, TIME_WIDTH);
	p = put_kept_owner(text, p, &tr->owner);
	column = p;
	p = format__pad(put_endpoint(p, &tr->laddr, tr->lport, tr->family), p, *width);
	*width = p - column;
	column = p;
	p = format__pad(put_endpoint(p, &tr->raddr, tr->rport, tr->family), p, *width);
	*width = p - column;
	if (*width > text->address_width)
		return NULL;
	p = put_states(text, p, tr);
	p = put_span(p, tr->state_ns);
	p = put_reason(p, tr);
	*p++ = '\n';
	return p;
}

static void text_transition(struct sink *sink, const struct transition *tr)
{
	struct text_sink *text = (struct text_sink *)sink;
	char *p = output__reserve(sink->out, 2 * ROW_MAX);
	unsigned int width = text->address_width;
	char *end = put_row(text, p, tr, &width);

	if (!end) {
		text->address_width = wider_address(width);
		width = text->address_width;
		end = put_row(text, put_header(text, p), tr, &width);
	}
	output__commit(sink->out, end);
}

static void text_loss(struct sink *sink, const struct loss *loss)
{
	char *p = output__reserve(sink->out, ROW_MAX);

	p = format__str(p, "-- ");
	p = format__u64(p, loss->count);
	p = format__str(p, loss->count == 1 ? " transition lost (" : " transitions lost (");
	p = format__str(p, loss_where__name(loss->where));
	output__commit(sink->out, format__str(p, ")\n"));
}

static void text_totals(struct sink *sink, const struct sink_totals *totals)
{
	char *p = output__reserve(sink->out, TOTALS_LINE_MAX);

	output__commit(sink->out, totals__line(p, totals));
}

static const struct sink_ops text_ops = {
	.start = text_start,
	.transition = text_transition,
	.loss = text_loss,
	.totals = text_totals,
};

struct sink *text_sink__new(struct output *out, const struct sink_options *options)
{
	struct text_sink *text = calloc(1, sizeof(*text));

	if (!text)
		return NULL;
	text->sink = (struct sink){ &text_ops, out };
	text->colour = options->colour;
	text->address_width = ADDRESS_WIDTH;
	return &text->sink;
}
