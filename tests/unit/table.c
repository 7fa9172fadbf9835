// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "analysis/table.h"

#include "support/clock.h"
#include "unit.h"

static struct row_key port(uint32_t number)
{
	return (struct row_key){ .kind = ROW_NAMED, .number = number };
}

static struct row *row(struct table *table, uint32_t number)
{
	struct row_key key = port(number);

	return &table->rows[table__number(table, &key)];
}

TEST(test_numbers)
{
	struct table table;

	assert_int_equal(table__init(&table), 0);
	assert_int_equal(table.rows[0].key.kind, ROW_OTHERS);
	assert_ptr_equal(row(&table, 80), row(&table, 80));
	assert_ptr_not_equal(row(&table, 80), row(&table, 81));
	assert_int_equal(row(&table, 81)->key.number, 81);
	assert_int_equal(table.count, 3);
	table__clear(&table);
	assert_int_equal(table.count, 1);
	assert_int_equal(row(&table, 81) - table.rows, 1);
	table__free(&table);
}

TEST(test_rates)
{
	struct table table;

	assert_int_equal(table__init(&table), 0);
	row(&table, 80)->opened = 10;
	row(&table, 80)->failed = 1;
	table__tick(&table, 2 * NS_PER_S);
	assert_int_equal(row(&table, 80)->opened_rate, 5000);
	assert_int_equal(row(&table, 80)->failed_rate, 500);
	row(&table, 80)->opened++;
	table__tick(&table, NS_PER_S);
	assert_int_equal(row(&table, 80)->opened_rate, 1000);
	assert_int_equal(row(&table, 80)->failed_rate, 0);
	table__free(&table);
}

static void fill(struct table *table)
{
	for (uint32_t i = 1; i < TABLE_ROWS_MAX; i++)
		assert_int_equal(row(table, i)->key.number, i);
}

/* What finds no place is counted with others. */
TEST(test_full)
{
	struct table table;

	assert_int_equal(table__init(&table), 0);
	fill(&table);
	assert_int_equal(table.count, TABLE_ROWS_MAX);
	assert_int_equal(row(&table, TABLE_ROWS_MAX)->key.kind, ROW_OTHERS);
	assert_int_equal(row(&table, 7)->key.number, 7);
	table__free(&table);
}

/* Of a full table those rows go that are silent, and no others; the rest keep their numbers. */
TEST(test_silent_rows_go)
{
	struct table table;
	struct row *open, *busy;

	assert_int_equal(table__init(&table), 0);
	fill(&table);
	open = row(&table, 100);
	busy = row(&table, 200);
	open->open = 1;
	histogram__add(&row(&table, 300)->life, 1);
	table__tick(&table, 9 * NS_PER_S);
	assert_int_equal(table.count, TABLE_ROWS_MAX);
	busy->failed++;
	table__tick(&table, NS_PER_S);
	assert_int_equal(table.count, 3);
	assert_ptr_equal(row(&table, 100), open);
	assert_ptr_equal(row(&table, 200), busy);
	assert_int_equal(row(&table, TABLE_ROWS_MAX)->key.number, TABLE_ROWS_MAX);
	assert_int_equal(row(&table, 300)->life.count, 0);
	for (uint32_t i = 10000; i < 10000 + TABLE_ROWS_MAX - 5; i++)
		assert_int_equal(row(&table, i)->key.number, i);
	assert_int_equal(table.count, TABLE_ROWS_MAX);
	assert_int_equal(row(&table, 5)->key.kind, ROW_OTHERS);
	table__free(&table);
}

/* As long as there is room, nothing goes. */
TEST(test_few_rows_stay)
{
	struct table table;

	assert_int_equal(table__init(&table), 0);
	row(&table, 80)->opened = 1;
	for (unsigned int i = 0; i < 100; i++)
		table__tick(&table, 100 * NS_PER_S);
	assert_int_equal(table.count, 2);
	assert_int_equal(row(&table, 80)->opened, 1);
	table__free(&table);
}

RUN(cmocka_unit_test(test_numbers), cmocka_unit_test(test_rates), cmocka_unit_test(test_full),
    cmocka_unit_test(test_silent_rows_go), cmocka_unit_test(test_few_rows_stay))
