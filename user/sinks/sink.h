/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the stream ends: one way of printing it. A sink writes to an output and fails with it. */
#ifndef TCPFLUX_SINK_H
#define TCPFLUX_SINK_H

#include "../analysis/counts.h"
#include "../analysis/tallies.h"
#include "../probe.h"
#include "../support/output.h"
#include "../transition.h"

struct sink_start {
	uint64_t time; /* ns since the epoch, UTC */
	const char *version;
	const char *hostname;
	const char *kernel;
	const struct probe *probes; /* ends with a row without a name */
};

/* How many sockets there are, and the rates since the last row, in thousandths a second. */
struct sink_totals {
	const struct counts *counts;
	struct opened rates;
	const struct tally *tally; /* only these; NULL: all there are */
	bool first;		   /* of the tallies of this moment */
};

struct sink_summary {
	uint64_t time; /* ns since the epoch, UTC */
	const struct totals *totals;
	uint64_t duration_ns;
	const struct counts *counts; /* NULL: it was a trace */
};

struct sink_options {
	bool colour;
	unsigned int screen; /* lines of the terminal; 0: it is none */
	enum tally_by by;    /* what totals are about */
};

struct sink;

/* Makes a sink that writes to `out`, for free() to end. NULL if there is no memory. */
typedef struct sink *sink_new_fn(struct output *out, const struct sink_options *options);

sink_new_fn text_sink__new, json_sink__new, csv_sink__new, none_sink__new;
/* For totals alone; of the others, JSON prints them too. */
sink_new_fn stat_text_sink__new, stat_csv_sink__new;

/* A sink that is for transitions alone, or for totals alone, has no function for the other. */
struct sink_ops {
	void (*start)(struct sink *sink, const struct sink_start *start);
	void (*transition)(struct sink *sink, const struct transition *tr);
	void (*loss)(struct sink *sink, const struct loss *loss);
	/* NULL for these: the format has no place for it, and people are told on standard error. */
	void (*totals)(struct sink *sink, const struct sink_totals *totals);
	void (*so_far)(struct sink *sink, const struct sink_summary *summary);
	void (*summary)(struct sink *sink, const struct sink_summary *summary);
};

/* The head of every sink. */
struct sink {
	const struct sink_ops *ops;
	struct output *out;
};

/* A row of totals, in the sink's format or else on standard error; flushes the output. */
void sink__totals(struct sink *sink, const struct sink_totals *totals);

/* What has happened since the start, likewise. */
void sink__so_far(struct sink *sink, const struct sink_summary *summary);

/* The summary in the sink's format; where that has none, for people, unless `quiet`. */
void sink__summary(struct sink *sink, const struct sink_summary *summary, bool quiet);

/* A row of totals for people, in one line; `p` has room for TOTALS_LINE_MAX. Returns its end. */
#define TOTALS_LINE_MAX 1024
char *totals__line(char *p, const struct sink_totals *totals);

/* The summary for people, on standard error. */
void summary__print(const struct sink_summary *summary);

#endif
