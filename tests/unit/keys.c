// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "unit.h"

#include <stdlib.h>

#include "analysis/keys.h"

static uint32_t number(struct keys *keys, const void *key, size_t size)
{
	uint32_t number;

	assert_int_equal(keys__number(keys, key, size, &number), 0);
	return number;
}

TEST(test_numbers_in_order)
{
	struct keys keys = {};

	assert_int_equal(number(&keys, "a", 1), 0);
	assert_int_equal(number(&keys, "b", 1), 1);
	assert_int_equal(number(&keys, "a", 1), 0);
	assert_int_equal(number(&keys, "ab", 2), 2);
	assert_int_equal(number(&keys, "", 0), 3);
	assert_int_equal(number(&keys, "", 0), 3);
	assert_int_equal(keys.count, 4);
	keys__free(&keys);
}

TEST(test_find_adds_nothing)
{
	struct keys keys = {};
	uint32_t found;

	assert_false(keys__find(&keys, "a", 1, &found));
	number(&keys, "a", 1);
	number(&keys, "b", 1);
	assert_true(keys__find(&keys, "b", 1, &found) && found == 1);
	assert_false(keys__find(&keys, "c", 1, &found));
	assert_int_equal(keys.count, 2);
	keys__free(&keys);
}

/* Bytes that follow do not count, nor do zeros count as nothing. */
TEST(test_size_is_part_of_the_key)
{
	struct keys keys = {};

	assert_int_equal(number(&keys, "\0\0\0\0\0\0\0\0", 8), 0);
	assert_int_equal(number(&keys, "\0\0\0\0\0\0\0\0", 7), 1);
	assert_int_equal(number(&keys, "\0\0\0\0\0\0\0\0", 0), 2);
	assert_int_equal(number(&keys, "abcdefghi", 8), 3);
	assert_int_equal(number(&keys, "abcdefghj", 8), 3);
	assert_int_equal(number(&keys, "abcdefghj", 9), 4);
	keys__free(&keys);
}

/* The values' list grows with the keys, and what is in it stays. */
TEST(test_values)
{
	uint64_t *list = NULL;
	uint32_t used = 0;

	for (uint32_t i = 0; i < 1000; i += i % 3 + 1) {
		list = keys__extend(list, &used, i, sizeof(*list));
		assert_non_null(list);
		assert_int_equal(used, i + 1);
		assert_true(!list[i]);
		list[i] = i + 1;
	}
	for (uint32_t i = 0; i < used; i++)
		assert_true(!list[i] || list[i] == i + 1);
	assert_ptr_equal(keys__extend(list, &used, 5, sizeof(*list)), list);
	assert_int_equal(list[0], 1);
	free(list);
}

TEST(test_many)
{
	enum { N = 100000 };
	struct keys keys = {};

	for (unsigned int round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < N; i++) {
			uint64_t key[3] = { i << 32, 7, i };

			assert_int_equal(number(&keys, key, sizeof(key)), i);
		}
	}
	for (uint64_t i = 0; i < N; i++) {
		const uint64_t *key = keys__key(&keys, i);

		assert_true(key[0] == i << 32 && key[1] == 7 && key[2] == i);
	}
	assert_int_equal(keys.count, N);
	keys__free(&keys);
}

RUN(cmocka_unit_test(test_numbers_in_order), cmocka_unit_test(test_find_adds_nothing),
    cmocka_unit_test(test_size_is_part_of_the_key), cmocka_unit_test(test_values),
    cmocka_unit_test(test_many))
