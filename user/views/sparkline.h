/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A row of small bars. */
#ifndef TCPFLUX_SPARKLINE_H
#define TCPFLUX_SPARKLINE_H

#include <stdbool.h>
#include <stdio.h>

#include "../analysis/churn.h"

/* So many columns at most. */
#define SPARKLINE_MAX 64

/*
 * The bar of one value, where `most` is the highest: nothing is a blank, and whatever there is,
 * however little, is not. Without `utf8`, of ASCII.
 */
const char *sparkline__bar(uint64_t value, uint64_t most, bool utf8);

/* How many buckets of churn, the last perhaps excepted, make a column. */
uint32_t sparkline__buckets(const struct churn *churn);

/*
 * How often `what` happened, over time; the highest bar is the most that there was in a column.
 * Without `utf8`, of ASCII. Returns that most.
 */
uint64_t sparkline__print(FILE *to, const struct churn *churn, enum happening what, bool utf8);

#endif
