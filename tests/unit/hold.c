// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where undecided transitions wait. */
#include "unit.h"

#include <errno.h>

#include "filter/hold.h"

/* The limit that hold.c sets itself. */
#define HELD_MAX 65536

static int put(struct hold *hold, uint64_t cookie, uint64_t time)
{
	struct transition tr = { .cookie = cookie, .time = time };

	return hold__put(hold, &tr);
}

/* The time of what was kept for the cookie; it must be kept. */
static uint64_t take(struct hold *hold, uint64_t cookie)
{
	struct transition tr = {};

	assert_true(hold__take(hold, cookie, &tr));
	assert_true(tr.cookie == cookie);
	return tr.time;
}

static bool has_none(struct hold *hold, uint64_t cookie)
{
	struct transition tr;

	return !hold__take(hold, cookie, &tr);
}

TEST(test_taken_once)
{
	struct hold *hold = hold__new();

	assert_true(has_none(hold, 1));
	assert_int_equal(put(hold, 1, 100), 0);
	assert_true(has_none(hold, 2));
	assert_true(take(hold, 1) == 100);
	assert_true(has_none(hold, 1));
	hold__free(hold);
}

TEST(test_a_copy_is_kept)
{
	struct transition tr = { .cookie = 2, .state_ns = NOT_KNOWN, .rport = 443 }, kept;
	struct hold *hold = hold__new();

	strcpy(tr.owner.comm, "nginx");
	assert_int_equal(hold__put(hold, &tr), 0);
	memset(&tr, 0xff, sizeof(tr));
	assert_true(hold__take(hold, 2, &kept));
	assert_true(kept.state_ns == NOT_KNOWN);
	assert_int_equal(kept.rport, 443);
	assert_string_equal(kept.owner.comm, "nginx");
	hold__free(hold);
}

TEST(test_the_last_one_replaces)
{
	struct hold *hold = hold__new();

	assert_int_equal(put(hold, 7, 100), 0);
	assert_int_equal(put(hold, 7, 200), 0);
	assert_true(take(hold, 7) == 200);
	assert_true(has_none(hold, 7));
	hold__free(hold);
}

TEST(test_all_cookies_differ)
{
	static const uint64_t cookies[] = { 0, 1, UINT32_MAX, 1ull << 32, 1ull << 63, UINT64_MAX };
	struct hold *hold = hold__new();

	for (size_t i = 0; i < COUNT(cookies); i++)
		assert_int_equal(put(hold, cookies[i], i), 0);
	for (size_t i = 0; i < COUNT(cookies); i++)
		assert_true(take(hold, cookies[i]) == i);
	hold__free(hold);
}

/* In a random order in, in another out, and some of them twice. */
TEST(test_thousands)
{
	enum { N = 20000, STEP = 7919 /* a prime, so that i * STEP meets every one */ };
	struct hold *hold = hold__new();

	for (uint64_t i = 0; i < N; i++)
		assert_int_equal(put(hold, i * STEP % N, i), 0);
	for (uint64_t i = 0; i < N; i += 2)
		assert_int_equal(put(hold, i, N + i), 0);
	for (uint64_t i = N; i-- > 0;) {
		uint64_t time = take(hold, i);

		if (i % 2)
			assert_true(time * STEP % N == i);
		else
			assert_true(time == N + i);
		assert_true(has_none(hold, i));
	}
	hold__free(hold);
}

TEST(test_limit)
{
	struct hold *hold = hold__new();

	for (uint64_t i = 0; i < HELD_MAX; i++)
		assert_int_equal(put(hold, i, i), 0);
	assert_int_equal(put(hold, HELD_MAX, 1), -ENOSPC);
	assert_true(has_none(hold, HELD_MAX));
	/* Each that leaves makes room for one, as often as you like. */
	for (uint64_t i = 0; i < 100; i++) {
		assert_true(take(hold, i) == i);
		assert_int_equal(put(hold, HELD_MAX + i, i), 0);
		assert_int_equal(put(hold, 2 * HELD_MAX, 1), -ENOSPC);
	}
	/* Freed with all that is in it: valgrind and ASan would tell. */
	hold__free(hold);
}

/* Replacing one must not count as one more. */
TEST(test_replacing_does_not_fill)
{
	struct hold *hold = hold__new();

	for (uint64_t i = 0; i < 2 * HELD_MAX; i++)
		assert_int_equal(put(hold, 1, i), 0);
	assert_int_equal(put(hold, 2, 1), 0);
	hold__free(hold);
}

TEST(test_free_nothing)
{
	hold__free(NULL);
	hold__free(hold__new());
}

RUN(cmocka_unit_test(test_taken_once), cmocka_unit_test(test_a_copy_is_kept),
    cmocka_unit_test(test_the_last_one_replaces), cmocka_unit_test(test_all_cookies_differ),
    cmocka_unit_test(test_thousands), cmocka_unit_test(test_limit),
    cmocka_unit_test(test_replacing_does_not_fill), cmocka_unit_test(test_free_nothing))
