/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line of stat. */
#ifndef TCPFLUX_STAT_OPTIONS_H
#define TCPFLUX_STAT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "../analysis/tallies.h"
#include "../filter/filter.h"
#include "../support/options.h"

struct stat_options {
	bool help;
	uint32_t netns; /* inode number; 0: all */
	enum tally_by by;
	uint64_t top;	      /* 0: all */
	bool looks;	      /* at every socket and transition, for what is asked for */
	struct filter filter; /* then */
	enum format format;
	uint64_t interval_ns; /* 0: not given */
	uint64_t count;	      /* 0: for ever */
	uint64_t duration_ns; /* 0: until it is ended */
	bool quiet;
	bool verbose;
	bool fail_on_loss;
	char **program; /* NULL: none; belongs to argv */
};

/* For options__help(). */
extern const struct option_row stat_option_rows[];

/*
 * Returns 0, or a negative errno; what is wrong has been said. Free the options with
 * stat_options__free() in any case.
 */
int stat_options__parse(struct stat_options *options, int argc, char **argv);
void stat_options__free(struct stat_options *options);

#endif
