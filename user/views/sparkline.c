// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "sparkline.h"

#define LEVELS 8

uint32_t sparkline__buckets(const struct churn *churn)
{
	return (churn->used + SPARKLINE_MAX - 1) / SPARKLINE_MAX;
}

/* The columns' values; returns how many they are. */
static uint32_t collect(const struct churn *churn, enum happening what, uint64_t *columns)
{
	uint32_t step = sparkline__buckets(churn), count = 0;

	for (uint32_t i = 0; i < churn->used; i++) {
		if (i % step == 0)
			columns[count++] = 0;
		columns[count - 1] += churn->count[i][what];
	}
	return count;
}

static unsigned int level(uint64_t value, uint64_t most)
{
	return value ? 1 + (unsigned int)((double)value / most * (LEVELS - 1) + 0.5) : 0;
}

const char *sparkline__bar(uint64_t value, uint64_t most, bool utf8)
{
	static const char *const blocks[LEVELS + 1] = {
		" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"
	};
	static const char *const ascii[LEVELS + 1] = {
		" ", "_", ".", ":", "-", "=", "+", "*", "#"
	};

	return (utf8 ? blocks : ascii)[level(value, most)];
}

uint64_t sparkline__print(FILE *to, const struct churn *churn, enum happening what, bool utf8)
{
	uint64_t columns[SPARKLINE_MAX], most = 0;
	uint32_t count = collect(churn, what, columns);

	for (uint32_t i = 0; i < count; i++)
		most = columns[i] > most ? columns[i] : most;
	for (uint32_t i = 0; i < count; i++)
		fputs(sparkline__bar(columns[i], most, utf8), to);
	return most;
}
