/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many sockets are in each state: as tcpflux stat says, and as a walk over all of them does. */
#ifndef TESTS_ROOT_NUMBERS_H
#define TESTS_ROOT_NUMBERS_H

#include "trace.h"

#define NUMBERS_STATES 12 /* TCP's, numbered as the kernel numbers them; 0 and CLOSE stay 0 */

struct numbers {
	uint64_t state[NUMBERS_STATES];
};

/*
 * Starts `tcpflux stat -o json OPTION... 100ms` in the test's namespace, for that alone with
 * "-N", "self".
 */
#define numbers__start(...)                                                                        \
	trace__start_as(&(struct trace_setup){ .format = "json", .here = true },                   \
			(const char *const[]){ "stat", ##__VA_ARGS__, "100ms", NULL })

/* This namespace's, by `ss -tan`. */
struct numbers numbers__walked(void);

/*
 * Waits until a row says the same as a walk: what has changed shows in the next row at the latest,
 * but softirqs and timers may still be at work. Fails the test, and tells the difference.
 */
void numbers__must_agree(const struct trace *trace);

/* A member of the summary, in the last line. */
uint64_t numbers__of_summary(const struct capture *capture, const char *name);

/* BPF may not have seen so many transitions; no other difference is allowed. */
void numbers__must_not_drift(const struct capture *capture, uint64_t hidden);

#endif
