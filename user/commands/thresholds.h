/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The options that say from when on something is a finding. */
#ifndef TCPFLUX_THRESHOLDS_H
#define TCPFLUX_THRESHOLDS_H

#include "../analysis/analysis.h"
#include "../support/options.h"
#include "../support/parse.h"

/* Rows of an option table. at: the offset of a struct thresholds in the caller's struct. */
/* clang-format off */
#define THRESHOLD(at, member) ((at) + offsetof(struct thresholds, member))
#define THRESHOLD_ROWS(at) \
	{ "close-wait",	  0, "TIME", parse_duration, THRESHOLD(at, close_wait_ns), "find sockets so long in CLOSE_WAIT (5s)" }, \
	{ "fin-wait",	  0, "TIME", parse_duration, THRESHOLD(at, fin_wait_ns), "find sockets so long in FIN_WAIT1 or FIN_WAIT2 (30s)" }, \
	{ "slow-connect", 0, "TIME", parse_duration, THRESHOLD(at, slow_connect_ns), "find connects that took so long (1s)" }, \
	{ "time-wait",	  0, "N",    parse_count,    THRESHOLD(at, time_wait), "find so many in TIME_WAIT at once, to one destination (20000)" }, \
	{ "failed",	  0, "N",    parse_count,    THRESHOLD(at, failed), "find so many failed connects to one destination (3)" }, \
	{ "half-open",	  0, "N",    parse_count,    THRESHOLD(at, half_open), "find so many handshakes of a listener that never complete (100)" }, \
	{ "brief",	  0, "N",    parse_count,    THRESHOLD(at, brief), "find so many connections shorter than their handshake (100)" }
/* clang-format on */

#endif
