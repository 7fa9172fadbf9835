// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "analysis/history.h"

#include "support/clock.h"
#include "unit.h"

TEST(test_rates)
{
	struct history history = {};
	struct opened events = { .active = 10, .passive = 3, .closed = 2, .failed = 1 };

	assert_null(history__at(&history, 0));
	history__add(&history, &events, 2 * NS_PER_S);
	events.active += 1;
	history__add(&history, &events, NS_PER_S / 2);
	assert_int_equal(history__at(&history, 0)->active, 2000);
	assert_int_equal(history__at(&history, 0)->closed, 0);
	assert_int_equal(history__at(&history, 1)->active, 5000);
	assert_int_equal(history__at(&history, 1)->passive, 1500);
	assert_int_equal(history__at(&history, 1)->closed, 1000);
	assert_int_equal(history__at(&history, 1)->failed, 500);
	assert_null(history__at(&history, 2));
}

/* No time has passed: there is no rate. */
TEST(test_no_time)
{
	struct history history = {};
	struct opened events = { .active = 10 };

	history__add(&history, &events, 0);
	assert_null(history__at(&history, 0));
	history__add(&history, &events, NS_PER_S);
	assert_int_equal(history__at(&history, 0)->active, 10000);
}

/* The oldest go. */
TEST(test_many)
{
	struct history history = {};
	struct opened events = {};

	for (unsigned int i = 1; i <= 3 * HISTORY_MAX; i++) {
		events.failed += i;
		history__add(&history, &events, NS_PER_S);
	}
	assert_int_equal(history__at(&history, 0)->failed, 3000 * HISTORY_MAX);
	assert_int_equal(history__at(&history, HISTORY_MAX - 1)->failed,
			 1000 * (2 * HISTORY_MAX + 1));
	assert_null(history__at(&history, HISTORY_MAX));
}

/* Events are counted from nothing again; what was is still to be seen. */
TEST(test_begin_anew)
{
	struct history history = {};
	struct opened events = { .active = 10 };

	history__add(&history, &events, NS_PER_S);
	events.active = 0;
	history__begin_anew(&history, &events);
	events.active = 4;
	history__add(&history, &events, NS_PER_S);
	assert_int_equal(history__at(&history, 0)->active, 4000);
	assert_int_equal(history__at(&history, 1)->active, 10000);
}

RUN(cmocka_unit_test(test_rates), cmocka_unit_test(test_no_time), cmocka_unit_test(test_many),
    cmocka_unit_test(test_begin_anew))
