// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is kept comes back, in its order, once. */
#include "unit.h"

#include <errno.h>

#include "sources/early.h"

struct taker {
	unsigned int expected, stop_at;
};

static size_t size_of(unsigned int number)
{
	return 1 + number % EARLY_RECORD_MAX;
}

static int take(void *ctx, const void *record, size_t size)
{
	struct taker *taker = ctx;
	const unsigned char *bytes = record;

	assert_int_equal(size, size_of(taker->expected));
	assert_int_equal((uintptr_t)record % sizeof(size_t), 0);
	assert_int_equal(bytes[0], taker->expected & 0xff);
	assert_int_equal(bytes[size - 1], taker->expected & 0xff);
	return ++taker->expected == taker->stop_at ? -ECANCELED : 0;
}

TEST(test_order)
{
	struct early early = {};
	struct taker taker = { .stop_at = 700 };
	unsigned char record[EARLY_RECORD_MAX];
	unsigned int kept = 0;

	assert_int_equal(early__take(&early, take, &taker), 0);
	for (int round = 0; round < 3; round++) {
		bool room = true;

		assert_true(early__reserve(&early, 100000));
		while (room) {
			memset(record, kept & 0xff, sizeof(record));
			room = early__keep(&early, record, size_of(kept));
			kept++;
		}
	}
	assert_true(kept > 1000);
	assert_int_equal(early__take(&early, take, &taker), -ECANCELED);
	assert_int_equal(taker.expected, 700);
	assert_int_equal(early__take(&early, take, &taker), 0);
	assert_int_equal(taker.expected, kept);
	/* Nothing is left. */
	assert_int_equal(early__take(&early, take, &taker), 0);
	assert_int_equal(taker.expected, kept);
	early__free(&early);
}

TEST(test_too_much)
{
	struct early early = {};

	assert_false(early__reserve(&early, 1u << 30));
	assert_true(early__reserve(&early, 1u << 20));
	early__free(&early);
}

RUN(cmocka_unit_test(test_order), cmocka_unit_test(test_too_much))
