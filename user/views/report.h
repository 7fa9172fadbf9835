/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A finished analysis, and the ways of showing it. */
#ifndef TCPFLUX_REPORT_H
#define TCPFLUX_REPORT_H

#include <stdio.h>

#include "../analysis/findings.h"

/* What is shown; strings are not owned. */
struct report {
	const struct analysis *analysis;
	const char *version, *hostname, *kernel; /* of where it was captured */
	size_t top; /* groups, and findings of a kind, that are shown */
	struct findings findings;
	uint32_t *groups;   /* numbers, those with the most connections first */
	size_t group_count; /* those with any */
	bool utf8;	    /* the terminal understands it */
};

/* What follows from report->analysis, after analysis__finish(). 0 or -ENOMEM. */
int report__conclude(struct report *report);

/* What that made. */
void report__free(struct report *report);

/* Groups that are shown. */
size_t report__groups(const struct report *report);

/* Seconds that the transitions span; 0: there are fewer than two. */
double report__seconds(const struct report *report);

/* How many of these a second; 0: not known. */
double report__rate(const struct report *report, uint64_t count);

/* Errors are those of the file, see ferror(). */
typedef void report_view_fn(FILE *to, const struct report *report);

report_view_fn report_text, report_json, report_html;

#endif
