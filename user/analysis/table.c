// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Open addressing, with twice as many slots as there can be rows. */
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../support/clock.h"

#define SLOTS (2 * TABLE_ROWS_MAX)

/* When it begins to be tight, and since when a row must have been silent to go then. */
#define TIGHT	  (TABLE_ROWS_MAX / 4 * 3)
#define SILENT_NS (10 * NS_PER_S)

/* The number of the row for others: the first. */
#define OTHERS 0

static uint64_t hash_of(const struct row_key *key)
{
	uint64_t words[sizeof(*key) / sizeof(uint64_t)], hash = 0;

	memcpy(words, key, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 32;
	}
	return hash;
}

/* The slot that has the key, or the free one where it belongs. */
static uint32_t *probe(const struct table *table, const struct row_key *key)
{
	size_t i = hash_of(key) % SLOTS;

	while (table->slots[i] &&
	       memcmp(&table->rows[table->slots[i] - 1].key, key, sizeof(*key)) != 0)
		i = (i + 1) % SLOTS;
	return &table->slots[i];
}

/* In the first place that is free; there is one. */
static uint32_t add(struct table *table, const struct row_key *key, uint32_t *slot)
{
	uint32_t number = table->hole;

	while (number < table->used && table->rows[number].used)
		number++;
	table->hole = number + 1;
	if (number == table->used)
		table->used++;
	table->rows[number] = (struct row){
		.key = *key,
		.used = true,
		.heard_of = table->clock,
	};
	table->count++;
	*slot = number + 1;
	return number;
}

static void add_others(struct table *table)
{
	const struct row_key others = { .kind = ROW_OTHERS };

	add(table, &others, probe(table, &others));
}

int table__init(struct table *table)
{
	*table = (struct table){
		.rows = calloc(TABLE_ROWS_MAX, sizeof(*table->rows)),
		.slots = calloc(SLOTS, sizeof(*table->slots)),
	};
	if (!table->rows || !table->slots)
		return -ENOMEM;
	add_others(table);
	return 0;
}

static void free_histograms(struct row *row)
{
	histogram__free(&row->connect);
	histogram__free(&row->life);
}

void table__free(struct table *table)
{
	for (uint32_t i = 0; i < table->used; i++)
		free_histograms(&table->rows[i]);
	free(table->rows);
	free(table->slots);
	*table = (struct table){};
}

void table__clear(struct table *table)
{
	for (uint32_t i = 0; i < table->used; i++)
		free_histograms(&table->rows[i]);
	memset(table->rows, 0, table->used * sizeof(*table->rows));
	memset(table->slots, 0, SLOTS * sizeof(*table->slots));
	table->used = table->count = table->hole = 0;
	add_others(table);
}

uint32_t table__number(struct table *table, const struct row_key *key)
{
	uint32_t *slot = probe(table, key);

	if (*slot)
		return *slot - 1;
	return table->count < TABLE_ROWS_MAX ? add(table, key, slot) : OTHERS;
}

static void fill_slots(struct table *table)
{
	memset(table->slots, 0, SLOTS * sizeof(*table->slots));
	for (uint32_t i = 0; i < table->used; i++)
		if (table->rows[i].used)
			*probe(table, &table->rows[i].key) = i + 1;
}

static bool is_silent(const struct table *table, const struct row *row)
{
	return row->used && !row->open && row != &table->rows[OTHERS] &&
	       table->clock - row->heard_of >= SILENT_NS;
}

static void drop_silent(struct table *table)
{
	for (uint32_t i = 0; i < table->used; i++) {
		struct row *row = &table->rows[i];

		if (!is_silent(table, row))
			continue;
		free_histograms(row);
		*row = (struct row){};
		table->count--;
	}
	table->hole = 0;
	fill_slots(table);
}

static uint64_t rate(uint64_t count, uint64_t ns)
{
	return (uint64_t)(count * (NS_PER_S * 1e3 / ns) + 0.5);
}

static void tick_row(const struct table *table, struct row *row, uint64_t ns)
{
	uint64_t opened = row->opened - row->opened_before,
		 failed = row->failed - row->failed_before;

	row->opened_rate = rate(opened, ns);
	row->failed_rate = rate(failed, ns);
	row->opened_before = row->opened;
	row->failed_before = row->failed;
	if (opened || failed)
		row->heard_of = table->clock;
}

void table__tick(struct table *table, uint64_t ns)
{
	table->clock += ns;
	for (uint32_t i = 0; ns && i < table->used; i++)
		if (table->rows[i].used)
			tick_row(table, &table->rows[i], ns);
	if (table->count >= TIGHT)
		drop_silent(table);
}
