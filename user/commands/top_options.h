/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line of top. */
#ifndef TCPFLUX_TOP_OPTIONS_H
#define TCPFLUX_TOP_OPTIONS_H

#include "../analysis/tables.h"
#include "../support/options.h"
#include "capture.h"

struct top_options {
	bool help;
	struct filter filter;
	enum table_by by;
	uint64_t interval_ns;
	uint64_t duration_ns; /* 0: until it is ended */
	uint32_t buffer;      /* bytes */
	bool raw;
	bool no_fentry;
	bool quiet;
	bool verbose;
	struct thresholds thresholds;
	struct file_list logs; /* to be played; none: the kernel is watched */
};

/* For options__help(). */
extern const struct option_row top_option_rows[];

/*
 * Reads the command line. Returns as options__parse(); what is wrong has been said. Free the
 * options with top_options__free() in any case.
 */
int top_options__parse(struct top_options *options, int argc, char **argv);
void top_options__free(struct top_options *options);

#endif
