// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "unit.h"

#include <stdlib.h>

#include "analysis/connections.h"

static bool never(void *ctx, const struct connection *connection)
{
	(void)ctx;
	(void)connection;
	return false;
}

/* Those whose cookie is odd. */
static bool odd(void *ctx, const struct connection *connection)
{
	++*(unsigned int *)ctx;
	return connection->cookie % 2;
}

static size_t walk(const struct connections *connections)
{
	size_t count = 0;

	for (const struct connection *c = NULL; (c = connections__next(connections, c)); count++)
		assert_ptr_equal(connections__find(connections, c->cookie), c);
	return count;
}

TEST(test_found_until_removed)
{
	struct connections connections;
	struct connection *c;

	assert_int_equal(connections__init(&connections, never, NULL), 0);
	assert_null(connections__find(&connections, 7));
	assert_null(connections__find(&connections, 0));
	c = connections__add(&connections, 7);
	assert_true(c->cookie == 7 && !c->born && c->setup_ns == NOT_KNOWN);
	assert_true(c->service == NO_NUMBER && c->group == NO_NUMBER && !c->counted_open);
	assert_ptr_equal(connections__find(&connections, 7), c);
	connections__remove(&connections, c);
	assert_null(connections__find(&connections, 7));
	assert_int_equal(connections.count, 0);
	connections__free(&connections);
}

/* Added and removed at random, beside a plain list of what must be there. */
TEST(test_against_a_list)
{
	enum { COOKIES = 3000, STEPS = 300000 };
	static bool there[COOKIES + 1];
	struct connections connections;
	uint64_t seed = 88172645463325252;
	size_t count = 0;

	assert_int_equal(connections__init(&connections, never, NULL), 0);
	for (unsigned int i = 0; i < STEPS; i++) {
		uint64_t cookie = 1 + unit__random(&seed) % COOKIES;
		struct connection *c = connections__find(&connections, cookie);

		assert_true(!c == !there[cookie]);
		if (c) {
			assert_true(c->cookie == cookie && c->born == cookie * 3);
			connections__remove(&connections, c);
			count--;
		} else {
			connections__add(&connections, cookie)->born = cookie * 3;
			count++;
		}
		there[cookie] = !c;
		assert_true(connections.count == count);
	}
	assert_true(walk(&connections) == count);
	connections__free(&connections);
}

/* As many that come and go as you like need no more room than those that are there at once. */
TEST(test_room_is_for_those_that_are_there)
{
	struct connections connections;
	size_t slots;

	assert_int_equal(connections__init(&connections, never, NULL), 0);
	slots = connections.slot_count;
	for (uint64_t cookie = 1; cookie <= 1000000; cookie++) {
		assert_non_null(connections__add(&connections, cookie));
		if (cookie > 500)
			connections__remove(&connections,
					    connections__find(&connections, cookie - 500));
	}
	assert_true(connections.slot_count == slots);
	assert_int_equal(walk(&connections), 500);
	connections__free(&connections);
}

/* Before it grows, those that are gone go. */
TEST(test_gone)
{
	struct connections connections;
	unsigned int asked = 0;
	size_t slots;

	assert_int_equal(connections__init(&connections, odd, &asked), 0);
	slots = connections.slot_count;
	for (uint64_t cookie = 1; cookie <= slots; cookie++)
		assert_non_null(connections__add(&connections, cookie));
	assert_int_equal(asked, slots / 4 * 3);
	assert_true(connections.slot_count == slots);
	assert_int_equal(walk(&connections), slots - slots / 8 * 3);
	assert_null(connections__find(&connections, 1));
	assert_non_null(connections__find(&connections, 2));
	connections__free(&connections);
}

TEST(test_many)
{
	enum { N = 300000 };
	struct connections connections;

	assert_int_equal(connections__init(&connections, never, NULL), 0);
	for (uint64_t i = 1; i <= N; i++)
		assert_non_null(connections__add(&connections, i << 40 | i));
	assert_int_equal(walk(&connections), N);
	assert_in_range(connections.slot_count, N, 4 * N);
	connections__free(&connections);
}

RUN(cmocka_unit_test(test_found_until_removed), cmocka_unit_test(test_against_a_list),
    cmocka_unit_test(test_room_is_for_those_that_are_there), cmocka_unit_test(test_gone),
    cmocka_unit_test(test_many))
