/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The options that all capturing commands share, and those about their logs. */
#ifndef TCPFLUX_CAPTURE_H
#define TCPFLUX_CAPTURE_H

#include "../filter/filter.h"
#include "../log/destination.h"
#include "../support/options.h"

struct file_list {
	char **list; /* owned; the names belong to argv */
	int count;
};

struct capture_options {
	bool help;
	struct filter filter;
	enum format format;
	uint64_t duration_ns; /* 0: until it is ended */
	uint64_t count;	      /* 0: no limit */
	uint64_t totals_ns;   /* 0: none */
	uint32_t buffer;      /* bytes */
	bool raw;
	bool no_fentry;
	bool quiet;
	bool verbose;
	bool fail_on_loss;
	struct destination_options log; /* path NULL: there is none to be written */
	bool log_only;
	struct file_list logs; /* to be read */
	char **program;	       /* NULL: none; belongs to argv */
};

/* For options__help(). */
extern const struct option_row trace_option_rows[], record_option_rows[];

/*
 * Read the command line. They return as options__parse(); what is wrong has been said. Free the
 * options with capture_options__free() in any case.
 */
int capture_options__parse_trace(struct capture_options *options, int argc, char **argv);
int capture_options__parse_record(struct capture_options *options, int argc, char **argv);
void capture_options__free(struct capture_options *options);

#endif
