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

static int append(void *ctx, struct transition *tr)
{
	struct transition **end = ctx;

	*(*end)++ = *tr;
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

static struct transition closed(uint64_t cookie, uint64_t at)
{
	return (struct transition){
		.cookie = cookie,
		.old_state = TCP_FIN_WAIT2,
		.new_state = TCP_CLOSE,
		.time = at,
		.state_ns = 20,
		.life_ns = 30,
		.owner.how = OWNER_SELF,
	};
}

static void tell_alive(struct standins *s, uint8_t state, uint64_t cookie, uint64_t at)
{
	struct standin_event e = event(STANDIN_ALIVE, cookie, at);

	e.tr.new_state = state;
	assert_int_equal(standins__on_event(s, &e), 0);
}

/*
 * Another CPU may find the stand-in, and bring it the peer's FIN, before its socket is closed. It
 * is the socket's last transition that tells whose it was.
 */
TEST(test_fin_comes_first)
{
	struct transition last = {}, tr = closed(7, STARTED + 60);
	struct standins *s = begin(&last);

	tell_alive(s, TCP_FIN_WAIT2, 7, STARTED + 50);
	tell_alive(s, TCP_TIME_WAIT, 7, STARTED + 55);
	assert_int_equal(last.new_state, 0);
	assert_int_equal(standins__join(s, &tr, STARTED + 60, 0), 1);
	assert_int_equal(tr.old_state, TCP_FIN_WAIT2);
	assert_int_equal(tr.new_state, TCP_TIME_WAIT);
	assert_int_equal(tr.state_ns, 20);
	tell(s, STANDIN_EXPIRED, 7, STARTED + 60 * S);
	assert_int_equal(last.old_state, TCP_TIME_WAIT);
	assert_int_equal(last.new_state, TCP_CLOSE);
	assert_int_equal(last.owner.how, OWNER_SELF);
	assert_int_equal(last.life_ns, 60 * S - 60 + 30);
	assert_false(last.inferred);
	standins__free(s);
}

/* The same, but the socket's last transition was lost: what is known is told at the end. */
TEST(test_fin_comes_alone)
{
	struct transition rows[3] = {}, *row = rows;
	struct standins *s = standins__new(append, &row);

	assert_non_null(s);
	tell_alive(s, TCP_FIN_WAIT2, 7, STARTED + 50);
	tell_alive(s, TCP_TIME_WAIT, 7, STARTED + 55);
	assert_ptr_equal(row, rows);
	tell(s, STANDIN_EXPIRED, 7, STARTED + 60 * S);
	assert_ptr_equal(row, rows + 2);
	assert_int_equal(rows[0].old_state, TCP_FIN_WAIT2);
	assert_int_equal(rows[0].new_state, TCP_TIME_WAIT);
	assert_true(rows[0].inferred);
	assert_int_equal(rows[1].new_state, TCP_CLOSE);
	standins__free(s);
}

/* Where it has been told of before, and yet comes along with the row, it is one and the same. */
TEST(test_told_twice)
{
	struct transition rows[3] = {}, *row = rows, tr = closed(7, STARTED + 60);
	struct standins *s = standins__new(append, &row);

	assert_non_null(s);
	tell_alive(s, TCP_TIME_WAIT, 7, STARTED + 50);
	assert_int_equal(standins__join(s, &tr, STARTED + 60, TCP_TIME_WAIT), 1);
	assert_int_equal(tr.new_state, TCP_TIME_WAIT);
	tell(s, STANDIN_EXPIRED, 7, STARTED + 60 * S);
	assert_ptr_equal(row, rows + 1);
	assert_int_equal(rows[0].new_state, TCP_CLOSE);
	standins__forget(s, STARTED + 60 * 60 * S);
	assert_int_equal(standins__missed(s), 0);
	standins__free(s);
}

/* Many may end at once. */
TEST(test_in_portions)
{
	struct transition rows[3] = {}, *row = rows;
	struct standins *s = standins__new(append, &row);
	struct standin_event e;

	assert_non_null(s);
	for (uint64_t cookie = 1; cookie <= 3; cookie++) {
		e = event(STANDIN_STOPPED, cookie, STARTED + cookie);
		e.final = false;
		assert_int_equal(standins__on_event(s, &e), 0);
	}
	assert_int_equal(standins__settle(s, STARTED + S, 2), 0);
	assert_ptr_equal(row, rows + 2);
	assert_true(standins__next(s) < STARTED + S);
	assert_int_equal(standins__settle(s, STARTED + S, 2), 0);
	assert_ptr_equal(row, rows + 3);
	assert_int_equal(rows[2].cookie, 3);
	assert_int_equal(standins__next(s), 0);
	standins__free(s);
}

RUN(cmocka_unit_test(test_in_portions), cmocka_unit_test(test_fin_comes_first),
    cmocka_unit_test(test_fin_comes_alone), cmocka_unit_test(test_beginning_missed),
    cmocka_unit_test(test_from_before), cmocka_unit_test(test_end_missed),
    cmocka_unit_test(test_unseen), cmocka_unit_test(test_told_twice))
