// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "standin_table.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define BUCKETS_MIN 256

/*
 * Freed ones are kept for the next: there are as many again soon. On a busy machine hundreds of
 * thousands wait in TIME_WAIT, and page faults were a fifth of the time that a trace took there:
 * a block is a huge page, where the kernel has one.
 */
#define BLOCK_SIZE (2u << 20)
#define BLOCK	   (BLOCK_SIZE / sizeof(struct standin) - 1)

struct standin_block {
	struct standin_block *next;
	struct standin standin[BLOCK];
};

_Static_assert(sizeof(struct standin_block) <= BLOCK_SIZE, "a block is no huge page");

int standin_table__init(struct standin_table *table)
{
	*table = (struct standin_table){ .buckets = BUCKETS_MIN };
	table->bucket = calloc(table->buckets, sizeof(*table->bucket));
	return table->bucket ? 0 : -ENOMEM;
}

void standin_table__free(struct standin_table *table)
{
	for (struct standin_block *next, *block = table->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	free(table->bucket);
}

static void list__append(struct standin_list *list, struct standin *i)
{
	i->prev = list->last;
	i->next = NULL;
	*(list->last ? &list->last->next : &list->first) = i;
	list->last = i;
}

static void list__remove(struct standin_list *list, struct standin *i)
{
	*(i->prev ? &i->prev->next : &list->first) = i->next;
	*(i->next ? &i->next->prev : &list->last) = i->prev;
}

/*
 * Cookies are counted up, in blocks for each CPU (gen_cookie_next()): they spread by themselves.
 * Those that have none are never searched for, but dropped, and there can be many.
 */
static struct standin **bucket_of(const struct standin_table *table, const struct transition *tr)
{
	uint64_t number = tr->cookie ?: (uint64_t)tr->lport + tr->rport;

	return &table->bucket[number & (table->buckets - 1)];
}

/* Without memory the chains grow instead. */
static void grow(struct standin_table *table)
{
	struct standin **old = table->bucket, **bucket;
	size_t n = table->buckets;

	bucket = calloc(2 * n, sizeof(*bucket));
	if (!bucket)
		return;
	table->bucket = bucket;
	table->buckets = 2 * n;
	for (size_t b = 0; b < n; b++) {
		for (struct standin *next, *i = old[b]; i; i = next) {
			next = i->chain;
			bucket = bucket_of(table, &i->tr);
			i->chain = *bucket;
			*bucket = i;
		}
	}
	free(old);
}

static bool is_of(const struct standin *i, const struct transition *tr)
{
	return i->tr.cookie == tr->cookie && i->tr.lport == tr->lport && i->tr.rport == tr->rport;
}

struct standin *standin_table__find(const struct standin_table *table, const struct transition *tr)
{
	struct standin *i = tr->cookie ? *bucket_of(table, tr) : NULL;

	while (i && !is_of(i, tr))
		i = i->chain;
	return i;
}

static struct standin *new_block(struct standin_table *table)
{
	struct standin_block *block = aligned_alloc(BLOCK_SIZE, BLOCK_SIZE);

	if (!block)
		return NULL;
	madvise(block, BLOCK_SIZE, MADV_HUGEPAGE);
	block->next = table->blocks;
	table->blocks = block;
	table->fresh = BLOCK;
	return block->standin;
}

static struct standin *allocate(struct standin_table *table)
{
	struct standin *i = table->unused;

	if (i) {
		table->unused = i->chain;
		return i;
	}
	if (table->fresh)
		i = table->blocks->standin + BLOCK - table->fresh;
	else
		i = new_block(table);
	if (i)
		table->fresh--;
	return i;
}

struct standin *standin_table__add(struct standin_table *table, const struct transition *tr,
				   uint8_t state, uint64_t seen)
{
	struct standin **bucket, *i = allocate(table);

	if (!i)
		return NULL;
	if (table->count == table->buckets)
		grow(table);
	bucket = bucket_of(table, tr);
	*i = (struct standin){
		.chain = *bucket,
		.seen = seen,
		.state = state,
		.last_state = state,
		.tr = *tr,
	};
	*bucket = i;
	list__append(&table->alive, i);
	table->count++;
	return i;
}

static struct standin_list *list_of(struct standin_table *table, const struct standin *i)
{
	return i->stopped ? &table->stopped : &table->alive;
}

void standin_table__drop(struct standin_table *table, struct standin *i)
{
	struct standin **link = bucket_of(table, &i->tr);

	while (*link != i)
		link = &(*link)->chain;
	*link = i->chain;
	list__remove(list_of(table, i), i);
	table->count--;
	i->chain = table->unused;
	table->unused = i;
}

void standin_table__move(struct standin_table *table, struct standin *i, uint64_t seen,
			 uint64_t stopped)
{
	list__remove(list_of(table, i), i);
	i->seen = seen;
	i->stopped = stopped;
	list__append(list_of(table, i), i);
}
