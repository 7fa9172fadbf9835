// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Totals for people: a line an interval, in columns. */
#include <stdio.h>
#include <stdlib.h>

#include "columns.h"
#include "sink.h"

#define ROW_MAX 1024

/* A screenful: so many lines less than the terminal has, for the header and the command line. */
#define OTHER_LINES 3

/* The states come first, in the order of counted_states. Numbers end where the titles end. */
static const struct {
	const char *first, *second;
	unsigned int width; /* the blank in front included */
} columns[] = {
	{ "", "LISTEN", 6 },	{ "SYN_", "SENT", 7 },	     { "SYN_", "RECV", 7 },
	{ "", "ESTAB", 8 },	{ "FIN_", "WAIT1", 7 },	     { "FIN_", "WAIT2", 7 },
	{ "TIME_", "WAIT", 8 }, { "CLOSE_", "WAIT", 7 },     { "LAST_", "ACK", 7 },
	{ "", "CLOSING", 8 },	{ "opened/s", "active", 9 }, { "", "passive", 8 },
	{ "", "closed/s", 9 },	{ "", "failed/s", 9 },	     { "", "lost", 7 },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

_Static_assert(COLUMNS == COUNTED_STATES + 5, "a column for each number");

struct stat_text_sink {
	struct sink sink;
	enum tally_by by;
	unsigned int screen; /* rows between two headers; 0: one header */
	unsigned int rows;   /* since the last one */
};

static char *put_title(char *p, const char *text, size_t len, unsigned int width)
{
	if (len < width)
		p = format__pad(p, p, width - len);
	return format__mem(p, text, len);
}

static char *put_number(char *p, uint64_t number, unsigned int width)
{
	char text[FORMAT_U64_MAX + FORMAT_SLACK];

	return put_title(p, text, format__u64(text, number) - text, width);
}

#define NETNS_WIDTH 12
#define PORT_WIDTH  6

/* In front of the numbers: whose they are. */
static char *put_titles(char *p, enum tally_by by)
{
	switch (by) {
	case TALLY_BY_NETNS:
		return put_left(p, "NETNS", NETNS_WIDTH);
	case TALLY_BY_LPORT:
		return put_left(p, "LPORT", PORT_WIDTH);
	case TALLY_BY_PID:
		return put_left(put_left(p, "PID", PID_WIDTH), "COMM", COMM_WIDTH);
	case TALLY_BY_NOTHING:
		break;
	}
	return p;
}

static char *put_key(char *p, enum tally_by by, const struct tally *tally)
{
	char *end;

	if (by == TALLY_BY_NOTHING)
		return p;
	if (by == TALLY_BY_PID)
		return put_owner(p, &tally->owner);
	end = format__u64(p, tally->key);
	return format__pad(end, p, by == TALLY_BY_NETNS ? NETNS_WIDTH : PORT_WIDTH);
}

static char *put_header(char *p, enum tally_by by)
{
	char *keys = p, *end = put_titles(p, by);

	/* The upper line has none. */
	memset(keys, ' ', end - keys);
	p = end;
	for (size_t i = 0; i < COLUMNS; i++)
		p = put_title(p, columns[i].first, strlen(columns[i].first), columns[i].width);
	while (p[-1] == ' ')
		p--;
	*p++ = '\n';
	p = put_titles(p, by);
	for (size_t i = 0; i < COLUMNS; i++)
		p = put_title(p, columns[i].second, strlen(columns[i].second), columns[i].width);
	*p++ = '\n';
	return p;
}

static void stat_text_start(struct sink *sink, const struct sink_start *start)
{
	const struct stat_text_sink *text = (struct stat_text_sink *)sink;

	(void)start;
	/* Tallies have one for each moment. */
	if (!text->by)
		output__commit(sink->out, put_header(output__reserve(sink->out, ROW_MAX), 0));
}

/* A number that is wider than its column keeps its distance to the one before. */
static void stat_text_totals(struct sink *sink, const struct sink_totals *totals)
{
	struct stat_text_sink *text = (struct stat_text_sink *)sink;
	const struct opened *rates = &totals->rates;
	char *p = output__reserve(sink->out, 2 * ROW_MAX);
	uint64_t numbers[COLUMNS], *number = numbers;

	for (unsigned int i = 0; i < COUNTED_STATES; i++)
		*number++ = totals->counts->states[counted_states[i]];
	*number++ = (rates->active + 500) / 1000;
	*number++ = (rates->passive + 500) / 1000;
	*number++ = (rates->closed + 500) / 1000;
	*number++ = (rates->failed + 500) / 1000;
	*number++ = totals->counts->lost;
	if (text->by && totals->first) {
		if (text->rows++)
			*p++ = '\n';
		p = put_header(p, text->by);
	} else if (!text->by && text->screen && text->rows++ == text->screen) {
		text->rows = 1;
		p = put_header(p, 0);
	}
	p = put_key(p, text->by, totals->tally);
	for (size_t i = 0; i < COLUMNS; i++) {
		if (i)
			*p++ = ' ';
		p = put_number(p, numbers[i], columns[i].width - (i > 0));
	}
	*p++ = '\n';
	output__commit(sink->out, p);
}

static const struct sink_ops stat_text_ops = {
	.start = stat_text_start,
	.totals = stat_text_totals,
};

struct sink *stat_text_sink__new(struct output *out, const struct sink_options *options)
{
	struct stat_text_sink *text = calloc(1, sizeof(*text));

	if (!text)
		return NULL;
	text->sink = (struct sink){ &stat_text_ops, out };
	text->by = options->by;
	text->screen = options->screen > OTHER_LINES ? options->screen - OTHER_LINES : 0;
	return &text->sink;
}
