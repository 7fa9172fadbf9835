// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Stand-ins of which not all was seen. What becomes of the others is in tests/golden. */
#include "unit.h"

#include "sources/standins.h"

#define S	1000000000ull
#define STARTED (1000 * S)

static int ignore(void *ctx, struct transition *tr)
{
	struct transition *last = ctx;

	*last = *tr;
	return 0;
}

static struct standins *begin(struct transition *last)
{
	struct standins *s = standins__new(ignore, last);

	assert_non_null(s);
	standins__sees_timewait(s, STARTED);
	return s;
}

static struct standin_event event(enum standin_phase phase, uint64_t cookie, uint64_t at)
{
	return (struct standin_event){
		.phase = phase,
		.final = phase != STANDIN_ALIVE,
		.at = at,
		.tr = { .cookie = cookie, .new_state = TCP_TIME_WAIT, .time = at },
	};
}

static void tell(struct standins *s, enum standin_phase phase, uint64_t cookie, uint64_t at)
{
	struct standin_event e = event(phase, cookie, at);

	assert_int_equal(standins__on_event(s, &e), 0);
}

/* A minute of TIME_WAIT that ends, and began behind everybody's back. */
TEST(test_beginning_missed)
{
	struct transition last = {};
	struct standins *s = begin(&last);

	tell(s, STANDIN_EXPIRED, 7, STARTED + 71 * S);
	assert_int_equal(last.new_state, TCP_CLOSE);
	assert_int_equal(standins__missed(s), 1);
	standins__free(s);
}

TEST(test_from_before)
{
	struct transition last = {};
	struct standins *s = begin(&last);

	/* It may be older than the trace. */
	tell(s, STANDIN_EXPIRED, 7, STARTED + 69 * S);
	/* It is: nobody had asked for its cookie. */
	tell(s, STANDIN_EXPIRED, 0, STARTED + 71 * S);
	/* Somebody ended it: that says nothing of its beginning. */
	tell(s, STANDIN_STOPPED, 8, STARTED + 71 * S);
	/* A late segment has made it longer. */
	tell(s, STANDIN_ALIVE, 9, STARTED + 5 * S);
	tell(s, STANDIN_EXPIRED, 9, STARTED + 71 * S);
	assert_int_equal(standins__missed(s), 0);
	standins__free(s);
}

TEST(test_end_missed)
{
	struct transition last = {};
	struct standins *s = begin(&last);

	tell(s, STANDIN_ALIVE, 7, STARTED);
	standins__forget(s, STARTED + 14 * 60 * S);
	assert_int_equal(standins__missed(s), 0);
	standins__forget(s, STARTED + 16 * 60 * S);
	assert_int_equal(standins__missed(s), 1);
	standins__free(s);
}

/* Where nothing tells of beginnings none is missed. */
TEST(test_unseen)
{
	struct transition last = {};
	struct standins *s = standins__new(ignore, &last);

	assert_non_null(s);
	tell(s, STANDIN_EXPIRED, 7, STARTED + 1000 * S);
	assert_int_equal(standins__missed(s), 0);
	standins__free(s);
}

RUN(cmocka_unit_test(test_beginning_missed), cmocka_unit_test(test_from_before),
    cmocka_unit_test(test_end_missed), cmocka_unit_test(test_unseen))
