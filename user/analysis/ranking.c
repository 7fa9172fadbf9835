// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "ranking.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t quantile(const struct histogram *histogram, unsigned int thousandths)
{
	return histogram->count ? histogram__quantile(histogram, thousandths) : NO_VALUE;
}

static uint64_t total_of(const struct row *row)
{
	return row->open + row->opened + row->closed + row->failed;
}

static void take_row(struct ranked *ranked, const struct row *row)
{
	*ranked = (struct ranked){
		.key = row->key,
		.total = total_of(row),
		.value = {
			[RANK_OPEN] = row->open,
			[RANK_OPENED] = row->opened_rate,
			[RANK_FAILED] = row->failed_rate,
			[RANK_CONNECT_P50] = quantile(&row->connect, 500),
			[RANK_CONNECT_P99] = quantile(&row->connect, 990),
			[RANK_LIFE_P50] = quantile(&row->life, 500),
			[RANK_LIFE_P99] = quantile(&row->life, 990),
		},
	};
}

int ranking__take(struct ranking *ranking, const struct table *table)
{
	struct ranked *list;

	if (table->used > ranking->room) {
		list = reallocarray(ranking->list, table->used, sizeof(*list));
		if (!list)
			return -ENOMEM;
		ranking->list = list;
		ranking->room = table->used;
	}
	ranking->count = 0;
	for (uint32_t i = 0; i < table->used; i++)
		if (table->rows[i].used && total_of(&table->rows[i]))
			take_row(&ranking->list[ranking->count++], &table->rows[i]);
	return 0;
}

/* Rows that have no name of their own come first, as others do before named ones. */
static int by_name(const struct ranked *x, const struct ranked *y)
{
	int order = x->key.kind != y->key.kind ? (x->key.kind < y->key.kind ? -1 : 1)
					       : strcmp(x->key.comm, y->key.comm);

	if (!order)
		order = memcmp(&x->key.address, &y->key.address, sizeof(x->key.address));
	if (!order && x->key.number != y->key.number)
		order = x->key.number < y->key.number ? -1 : 1;
	return order;
}

static int by_value(uint64_t x, uint64_t y)
{
	return x > y ? -1 : x < y;
}

/* Those that stand for many: no name, no place among the named. */
static bool is_collective(const struct ranked *ranked)
{
	return ranked->key.kind == ROW_OTHERS || ranked->key.kind == ROW_OPPOSITE;
}

struct order {
	enum rank_by by;
	bool reverse;
};

/* What stands for many, and where nothing is known, comes last, whichever way round. */
static int compare(const void *a, const void *b, void *ctx)
{
	const struct ranked *x = a, *y = b;
	const struct order *order = ctx;
	uint64_t u = x->value[order->by], v = y->value[order->by];
	int result = order->by == RANK_NAME ? by_name(x, y) : by_value(u, v);

	if (is_collective(x) != is_collective(y))
		return is_collective(x) ? 1 : -1;
	if ((u == NO_VALUE) != (v == NO_VALUE))
		return u == NO_VALUE ? 1 : -1;
	if (result)
		return order->reverse ? -result : result;
	return by_value(x->total, y->total) ?: by_name(x, y);
}

void ranking__sort(struct ranking *ranking, enum rank_by by, bool reverse)
{
	struct order order = { by, reverse };

	if (ranking->count)
		qsort_r(ranking->list, ranking->count, sizeof(*ranking->list), compare, &order);
}

void ranking__free(struct ranking *ranking)
{
	free(ranking->list);
	*ranking = (struct ranking){};
}
