// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "unit.h"

#include <stdlib.h>

#include "analysis/histogram.h"

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The same by sorting: the value of this rank, counted from 1. */
static uint64_t exact(const uint64_t *sorted, size_t count, unsigned int thousandths)
{
	size_t rank = (count * thousandths + 999) / 1000;

	return sorted[rank ? rank - 1 : 0];
}

static void assert_near(uint64_t value, uint64_t expected)
{
	uint64_t error = value > expected ? value - expected : expected - value;

	assert_true(error <= expected / 125);
}

static void check(const uint64_t *values, size_t count)
{
	static const unsigned int quantiles[] = { 1, 10, 500, 900, 990, 999 };
	struct histogram histogram = {};
	uint64_t *sorted = calloc(count, sizeof(*sorted));

	memcpy(sorted, values, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(histogram__add(&histogram, values[i]), 0);
	for (size_t i = 0; i < COUNT(quantiles); i++)
		assert_near(histogram__quantile(&histogram, quantiles[i]),
			    exact(sorted, count, quantiles[i]));
	assert_true(histogram__quantile(&histogram, 1000) == sorted[count - 1]);
	assert_true(histogram.count == count && histogram.min == sorted[0]);
	histogram__free(&histogram);
	free(sorted);
}

TEST(test_nothing)
{
	struct histogram histogram = {};

	assert_true(!histogram__quantile(&histogram, 0));
	assert_true(!histogram__quantile(&histogram, 500));
	assert_true(!histogram__quantile(&histogram, 1000));
	histogram__free(&histogram);
}

/* One value is known exactly, whatever it is. */
TEST(test_one_value)
{
	static const uint64_t values[] = { 0,
					   1,
					   63,
					   64,
					   127,
					   128,
					   1000003,
					   1ull << 32,
					   1ull << 63,
					   INT64_MAX,
					   65535,
					   999999999,
					   UINT64_MAX - 1,
					   UINT64_MAX };

	for (size_t i = 0; i < COUNT(values); i++) {
		struct histogram histogram = {};

		assert_int_equal(histogram__add(&histogram, values[i]), 0);
		assert_true(histogram__quantile(&histogram, 0) == values[i]);
		assert_true(histogram__quantile(&histogram, 500) == values[i]);
		assert_true(histogram__quantile(&histogram, 1000) == values[i]);
		histogram__free(&histogram);
	}
}

TEST(test_small_values_are_exact)
{
	struct histogram histogram = {};

	for (uint64_t i = 1; i <= 100; i++)
		assert_int_equal(histogram__add(&histogram, i), 0);
	assert_int_equal(histogram__quantile(&histogram, 500), 50);
	assert_int_equal(histogram__quantile(&histogram, 900), 90);
	assert_int_equal(histogram__quantile(&histogram, 990), 99);
	assert_int_equal(histogram__quantile(&histogram, 1000), 100);
	histogram__free(&histogram);
}

/* Of every magnitude, in every order. */
TEST(test_against_sorting)
{
	enum { N = 20000 };
	uint64_t *values = calloc(N, sizeof(*values)), seed = 88172645463325252;

	for (unsigned int round = 0; round < 20; round++) {
		for (size_t i = 0; i < N; i++)
			values[i] = unit__random(&seed) >> (unit__random(&seed) % 64);
		check(values, N);
		for (size_t i = 0; i < N; i++)
			values[i] = 50000 + unit__random(&seed) % (1000 << round);
		check(values, 1 + unit__random(&seed) % N);
	}
	free(values);
}

/* What is kept grows with the span of values, not with their number. */
TEST(test_size)
{
	struct histogram histogram = {};

	for (uint64_t i = 0; i < 1000000; i++)
		assert_int_equal(histogram__add(&histogram, 40000 + i % 40000), 0);
	assert_in_range(histogram.size, 64, 128);
	assert_int_equal(histogram__add(&histogram, 0), 0);
	assert_int_equal(histogram__add(&histogram, UINT64_MAX), 0);
	assert_in_range(histogram.size, 3000, 4000);
	assert_true(histogram.count == 1000002);
	histogram__free(&histogram);
}

RUN(cmocka_unit_test(test_nothing), cmocka_unit_test(test_one_value),
    cmocka_unit_test(test_small_values_are_exact), cmocka_unit_test(test_against_sorting),
    cmocka_unit_test(test_size))
