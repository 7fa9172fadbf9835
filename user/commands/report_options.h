/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line of report. */
#ifndef TCPFLUX_REPORT_OPTIONS_H
#define TCPFLUX_REPORT_OPTIONS_H

#include "../filter/filter.h"
#include "../support/options.h"
#include "../views/report.h"

/* What groups have in common: enum group_key. */
struct key_list {
	unsigned int key[GROUP_KEYS];
	unsigned int count;
};

struct report_options {
	bool help;
	struct filter filter;
	struct key_list by;
	uint64_t top;
	report_view_fn *view;
	const char *html;   /* path; NULL: no page is wanted */
	const char *sqlite; /* path; NULL: no database is wanted */
	bool force;
	bool raw;
	struct thresholds thresholds;
	char **logs; /* owned; the names belong to argv */
	int log_count;
};

/* For options__help(). */
extern const struct option_row report_option_rows[];

/*
 * Reads the command line. Returns as options__parse(); what is wrong has been said. Free the
 * options with report_options__free() in any case.
 */
int report_options__parse(struct report_options *options, int argc, char **argv);
void report_options__free(struct report_options *options);

#endif
