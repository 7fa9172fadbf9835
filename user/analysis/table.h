/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connections by one thing that they have in common, as numbers that go up and down and rates of
 * now: a row for each program, port, address or namespace. Memory is bounded: when there are too
 * many rows, those of which nothing is open and nothing was heard go, and what finds no place is
 * counted in one row for all others.
 */
#ifndef TCPFLUX_TABLE_H
#define TCPFLUX_TABLE_H

#include <stdbool.h>

#include "../transition.h"
#include "histogram.h"

#define TABLE_ROWS_MAX 2048

enum row_kind {
	ROW_OTHERS,   /* what found no row of its own */
	ROW_OPPOSITE, /* by a local port: what was opened here; by a remote one: what came */
	ROW_UNOWNED,  /* nobody knows whose they are */
	ROW_NAMED,    /* by the members below */
};

/* Members that it is not about are zero. Without padding: hashed. */
struct row_key {
	struct in6_addr address; /* IPv4 as ::ffff:a.b.c.d */
	char comm[OWNER_COMM_LEN];
	uint32_t number; /* a port, the inode number of a namespace */
	uint16_t family; /* of the address, 4 or 6 */
	uint16_t kind;	 /* enum row_kind */
};

_Static_assert(sizeof(struct row_key) == 40, "no padding");

/* Of connections. Rates are in thousandths a second. */
struct row {
	struct row_key key;
	bool used;
	uint32_t open; /* now */
	uint64_t opened, closed, failed;
	uint64_t opened_before, failed_before; /* at the last tick */
	uint64_t opened_rate, failed_rate;
	uint64_t heard_of;		/* when, by the table's clock */
	struct histogram connect, life; /* ns */
};

/* All zero is an empty one, without the row for others. */
struct table {
	struct row *rows; /* by number; those that are not used are in between */
	uint32_t used;	  /* of them, so many have been, at most */
	uint32_t count;	  /* are */
	uint32_t hole;	  /* of those that are not, none is in front of it */
	uint32_t *slots;  /* number + 1; 0: free */
	uint64_t clock;	  /* ns that have passed, by ticks */
};

/* 0 or -ENOMEM. Free it in any case. */
int table__init(struct table *table);
void table__free(struct table *table);

/* The number of the row with this key, which is made if there is a place for it; else that of
 * others. */
uint32_t table__number(struct table *table, const struct row_key *key);

/* So much time has passed: what were the rates? Makes room for new rows where that is scarce. */
void table__tick(struct table *table, uint64_t ns);

/* All is as it was in the beginning; numbers mean nothing any more. */
void table__clear(struct table *table);

#endif
