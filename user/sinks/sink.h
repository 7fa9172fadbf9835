/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the stream ends: one way of printing it. A sink writes to an output and fails with it. */
#ifndef TCPFLUX_SINK_H
#define TCPFLUX_SINK_H

#include "../analysis/counts.h"
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
};

struct sink_summary {
	const struct totals *totals;
	uint64_t duration_ns;
	const struct counts *counts; /* NULL: it was a trace */
};

struct sink_options {
	bool colour;
	unsigned int screen; /* lines of the terminal; 0: it is none */
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
	void (*totals)(struct sink *sink, const struct sink_totals *totals);
	/* NULL: the format has no place for it, and people are told on standard error. */
	void (*summary)(struct sink *sink, const struct sink_summary *summary);
};

/* The head of every sink. */
struct sink {
	const struct sink_ops *ops;
	struct output *out;
};

/* The summary in the sink's format; where that has none, for people, unless `quiet`. */
void sink__summary(struct sink *sink, const struct sink_summary *summary, bool quiet);

/* The summary for people, on standard error. */
void summary__print(const struct sink_summary *summary);

#endif
