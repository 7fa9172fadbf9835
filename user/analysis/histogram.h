/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How values are distributed, in bounded memory: bins whose width grows with the value, so that
 * every quantile is known to within 0.8 %; the least and the largest value exactly.
 */
#ifndef TCPFLUX_HISTOGRAM_H
#define TCPFLUX_HISTOGRAM_H

#include <stdint.h>

/* All zero is an empty one. */
struct histogram {
	uint64_t count;
	uint64_t min, max;    /* of no value: 0 */
	uint32_t first, size; /* the bins that are kept: as far as there are values */
	uint64_t *bins;	      /* owned */
};

/* 0 or -ENOMEM. */
int histogram__add(struct histogram *histogram, uint64_t value);

/*
 * The least value that is not exceeded by so many thousandths of all; of none, 0. 1000 is the
 * maximum.
 */
uint64_t histogram__quantile(const struct histogram *histogram, unsigned int thousandths);

/* What is kept inside, not the struct. */
void histogram__free(struct histogram *histogram);

#endif
