// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "histogram.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Each power of two is cut into so many bins; smaller values have one each. */
#define CUT_BITS 6
#define CUT	 (1u << CUT_BITS)

/* Bins are kept in runs of this length: most histograms of one program touch few. */
#define RUN 4u

static unsigned int shift_of(uint64_t value)
{
	return value < CUT ? 0 : 63 - CUT_BITS - __builtin_clzll(value);
}

static uint32_t bin_of(uint64_t value)
{
	unsigned int shift = shift_of(value);

	return shift * CUT + (value >> shift);
}

/* What is in the middle of it. */
static uint64_t value_of(uint32_t bin)
{
	unsigned int shift = bin < 2 * CUT ? 0 : bin / CUT - 1;

	return ((uint64_t)(bin - shift * CUT) << shift) + ((1ull << shift) >> 1);
}

static int make_room(struct histogram *histogram, uint32_t bin)
{
	uint32_t first = bin / RUN * RUN, end = first + RUN;
	uint64_t *bins;

	if (histogram->size && histogram->first < first)
		first = histogram->first;
	if (histogram->size && histogram->first + histogram->size > end)
		end = histogram->first + histogram->size;
	bins = calloc(end - first, sizeof(*bins));
	if (!bins)
		return -ENOMEM;
	if (histogram->size)
		memcpy(bins + histogram->first - first, histogram->bins,
		       histogram->size * sizeof(*bins));
	free(histogram->bins);
	histogram->bins = bins;
	histogram->first = first;
	histogram->size = end - first;
	return 0;
}

int histogram__add(struct histogram *histogram, uint64_t value)
{
	uint32_t bin = bin_of(value);

	if (bin - histogram->first >= histogram->size && make_room(histogram, bin))
		return -ENOMEM;
	histogram->bins[bin - histogram->first]++;
	if (!histogram->count++ || value < histogram->min)
		histogram->min = value;
	if (value > histogram->max)
		histogram->max = value;
	return 0;
}

static uint64_t clamp(const struct histogram *histogram, uint64_t value)
{
	if (value < histogram->min)
		return histogram->min;
	return value > histogram->max ? histogram->max : value;
}

uint64_t histogram__quantile(const struct histogram *histogram, unsigned int thousandths)
{
	/* Rounded up, and without an overflow: the first is the least. */
	uint64_t count = histogram->count, seen = 0,
		 rank = count / 1000 * thousandths + (count % 1000 * thousandths + 999) / 1000;

	if (rank >= count)
		return histogram->max;
	for (uint32_t i = 0; i < histogram->size; i++) {
		seen += histogram->bins[i];
		if (seen && seen >= rank)
			return clamp(histogram, value_of(histogram->first + i));
	}
	return histogram->max;
}

void histogram__free(struct histogram *histogram)
{
	free(histogram->bins);
	*histogram = (struct histogram){};
}
