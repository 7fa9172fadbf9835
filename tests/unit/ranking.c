// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "analysis/ranking.h"

#include "unit.h"

static struct row *add(struct table *table, enum row_kind kind, const char *comm)
{
	struct row_key key = { .kind = kind };

	strcpy(key.comm, comm);
	return &table->rows[table__number(table, &key)];
}

/* Three programs, and what stands for many. */
static void begin(struct table *table, struct ranking *ranking)
{
	struct row *row;

	assert_int_equal(table__init(table), 0);
	*ranking = (struct ranking){};
	row = add(table, ROW_NAMED, "b");
	row->open = 5;
	row->opened_rate = 1000;
	assert_int_equal(histogram__add(&row->life, 70), 0);
	row = add(table, ROW_NAMED, "a");
	row->open = 7;
	row->failed_rate = 300;
	row = add(table, ROW_NAMED, "c");
	row->open = 1;
	row->opened_rate = 2000;
	assert_int_equal(histogram__add(&row->life, 20), 0);
	add(table, ROW_NAMED, "nothing");
	add(table, ROW_OPPOSITE, "")->open = 6;
	assert_int_equal(ranking__take(ranking, table), 0);
}

static void end(struct table *table, struct ranking *ranking)
{
	table__free(table);
	ranking__free(ranking);
}

/* "" stands for what has no name. */
static void assert_order(struct ranking *ranking, enum rank_by by, bool reverse,
			 const char *const *names)
{
	ranking__sort(ranking, by, reverse);
	assert_int_equal(ranking->count, 4);
	for (uint32_t i = 0; i < ranking->count; i++)
		assert_string_equal(ranking->list[i].key.comm, names[i]);
}

TEST(test_order)
{
	struct ranking ranking;
	struct table table;

	begin(&table, &ranking);
	assert_order(&ranking, RANK_OPEN, false, (const char *[]){ "a", "b", "c", "" });
	assert_order(&ranking, RANK_OPEN, true, (const char *[]){ "c", "b", "a", "" });
	assert_order(&ranking, RANK_OPENED, false, (const char *[]){ "c", "b", "a", "" });
	assert_order(&ranking, RANK_NAME, false, (const char *[]){ "a", "b", "c", "" });
	assert_order(&ranking, RANK_NAME, true, (const char *[]){ "c", "b", "a", "" });
	/* Those that are equal are in the order of what there was of them. */
	assert_order(&ranking, RANK_FAILED, false, (const char *[]){ "a", "b", "c", "" });
	end(&table, &ranking);
}

/* What is not known is last, be it sought first or last. */
TEST(test_unknown_values)
{
	struct ranking ranking;
	struct table table;

	begin(&table, &ranking);
	assert_order(&ranking, RANK_LIFE_P50, false, (const char *[]){ "b", "c", "a", "" });
	assert_order(&ranking, RANK_LIFE_P50, true, (const char *[]){ "c", "b", "a", "" });
	assert_int_equal(ranking.list[0].value[RANK_LIFE_P99], 20);
	assert_true(ranking.list[0].value[RANK_CONNECT_P50] == NO_VALUE);
	end(&table, &ranking);
}

TEST(test_empty)
{
	struct ranking ranking = {};
	struct table table;

	assert_int_equal(table__init(&table), 0);
	assert_int_equal(ranking__take(&ranking, &table), 0);
	ranking__sort(&ranking, RANK_OPEN, false);
	assert_int_equal(ranking.count, 0);
	end(&table, &ranking);
}

RUN(cmocka_unit_test(test_order), cmocka_unit_test(test_unknown_values),
    cmocka_unit_test(test_empty))
