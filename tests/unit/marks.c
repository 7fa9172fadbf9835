// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Marks that were left over are taken away, and no others. */
#include "unit.h"

#include "sources/marks.h"
#include "support/clock.h"

#define TABLES 2

static struct mark_table tables[TABLES];
static uint64_t old[TABLES * MARKS];
static uint64_t *const place = (uint64_t *)&tables[TABLES - 1].marks[MARKS - 1];

/* Tables without a kernel, at whose last place there is a mark. */
static struct marks begin(uint64_t mark)
{
	memset(old, 0, sizeof(old));
	*place = mark;
	return (struct marks){ .tables = tables, .old = old, .count = TABLES * MARKS };
}

TEST(test_left_over)
{
	struct marks marks = begin(7);

	marks__sweep(&marks, 10 * NS_PER_S);
	assert_int_equal(*place, 7);
	marks__sweep(&marks, 13 * NS_PER_S);
	assert_int_equal(*place, 0);
}

/* Whenever one looks, some transition may be between its lanes. */
TEST(test_in_use)
{
	struct marks marks = begin(7);

	marks__sweep(&marks, 10 * NS_PER_S);
	*place = 8;
	marks__sweep(&marks, 13 * NS_PER_S);
	assert_int_equal(*place, 8);
}

TEST(test_looked_at_often)
{
	struct marks marks = begin(7);

	for (unsigned int i = 0; i < 10; i++)
		marks__sweep(&marks, 10 * NS_PER_S + i);
	assert_int_equal(*place, 7);
}

RUN(cmocka_unit_test(test_left_over), cmocka_unit_test(test_in_use),
    cmocka_unit_test(test_looked_at_often))
