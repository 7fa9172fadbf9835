// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Into how many rings a buffer is divided; what is in them needs the kernel, see tests/root. */
#include "unit.h"

#include "sources/rings.h"

TEST(test_one_for_each_cpu)
{
	assert_int_equal(rings__number(1, 16 << 20), 1);
	assert_int_equal(rings__number(2, 16 << 20), 2);
	assert_int_equal(rings__number(3, 16 << 20), 4);
	assert_int_equal(rings__number(16, 16 << 20), 16);
}

TEST(test_none_too_small)
{
	assert_int_equal(rings__number(17, 16 << 20), 16);
	assert_int_equal(rings__number(4096, 16 << 20), 16);
	assert_int_equal(rings__number(4096, 1u << 31), 2048);
	assert_int_equal(rings__number(64, 2 << 20), 2);
	assert_int_equal(rings__number(64, 1 << 20), 1);
	assert_int_equal(rings__number(64, 4096), 1);
}

RUN(cmocka_unit_test(test_one_for_each_cpu), cmocka_unit_test(test_none_too_small))
