// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "unit.h"

#include "analysis/churn.h"
#include "state.h"
#include "support/clock.h"

#define START 1772366400000000000ull

static uint64_t sum(const struct churn *churn, enum happening what)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < churn->used; i++)
		sum += churn->count[i][what];
	return sum;
}

TEST(test_what_happens)
{
	assert_int_equal(happening_of(TCP_SYN_SENT, TCP_ESTABLISHED), HAPPENED_ACTIVE);
	assert_int_equal(happening_of(TCP_SYN_RECV, TCP_ESTABLISHED), HAPPENED_PASSIVE);
	assert_int_equal(happening_of(TCP_SYN_RECV, TCP_FIN_WAIT1), HAPPENED_PASSIVE);
	assert_int_equal(happening_of(TCP_SYN_SENT, TCP_CLOSE), HAPPENED_FAILED);
	assert_int_equal(happening_of(TCP_SYN_RECV, TCP_CLOSE), HAPPENED_FAILED);
	assert_int_equal(happening_of(TCP_NEW_SYN_RECV, TCP_CLOSE), HAPPENED_FAILED);
	assert_int_equal(happening_of(TCP_FIN_WAIT2, TCP_TIME_WAIT), HAPPENED_CLOSED);
	assert_int_equal(happening_of(TCP_LAST_ACK, TCP_CLOSE), HAPPENED_CLOSED);
	assert_int_equal(happening_of(TCP_ESTABLISHED, TCP_CLOSE), HAPPENED_CLOSED);
	/* It was closed before. */
	assert_int_equal(happening_of(TCP_TIME_WAIT, TCP_CLOSE), HAPPENED_NOTHING);
	assert_int_equal(happening_of(TCP_LISTEN, TCP_CLOSE), HAPPENED_NOTHING);
	assert_int_equal(happening_of(TCP_CLOSE, TCP_SYN_SENT), HAPPENED_NOTHING);
	assert_int_equal(happening_of(TCP_NEW_SYN_RECV, TCP_SYN_RECV), HAPPENED_NOTHING);
	assert_int_equal(happening_of(0, 255), HAPPENED_NOTHING);
	assert_int_equal(happening_of(255, 0), HAPPENED_NOTHING);
}

TEST(test_buckets)
{
	struct churn churn = {};

	churn__add(&churn, START, HAPPENED_ACTIVE);
	churn__add(&churn, START + churn.width - 1, HAPPENED_ACTIVE);
	churn__add(&churn, START + churn.width, HAPPENED_CLOSED);
	churn__add(&churn, START + 3 * churn.width, HAPPENED_NOTHING);
	assert_int_equal(churn.count[0][HAPPENED_ACTIVE], 2);
	assert_int_equal(churn.count[1][HAPPENED_CLOSED], 1);
	assert_int_equal(churn.used, 4);
	/* A little out of order */
	churn__add(&churn, START - NS_PER_S, HAPPENED_ACTIVE);
	assert_int_equal(churn.count[0][HAPPENED_ACTIVE], 3);
	assert_int_equal(churn.total[HAPPENED_ACTIVE], 3);
}

/* However long it takes, nothing is lost, and it stays in its place. */
TEST(test_buckets_grow)
{
	struct churn churn = {};

	for (uint64_t second = 0; second < 100000; second++)
		churn__add(&churn, START + second * NS_PER_S, HAPPENED_ACTIVE);
	assert_int_equal(churn.width / NS_PER_S, 512);
	assert_int_equal(churn.used, 100000 / 512 + 1);
	assert_int_equal(sum(&churn, HAPPENED_ACTIVE), 100000);
	for (uint32_t i = 0; i + 1 < churn.used; i++)
		assert_int_equal(churn.count[i][HAPPENED_ACTIVE], 512);
}

/* No time is too far away. */
TEST(test_far_away)
{
	struct churn churn = {};

	churn__add(&churn, 0, HAPPENED_ACTIVE);
	churn__add(&churn, UINT64_MAX, HAPPENED_FAILED);
	churn__add(&churn, UINT64_MAX, HAPPENED_FAILED);
	assert_int_equal(sum(&churn, HAPPENED_ACTIVE), 1);
	assert_int_equal(sum(&churn, HAPPENED_FAILED), 2);
	assert_true(churn.used <= CHURN_BUCKETS);
}

RUN(cmocka_unit_test(test_what_happens), cmocka_unit_test(test_buckets),
    cmocka_unit_test(test_buckets_grow), cmocka_unit_test(test_far_away))
