/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The stand-ins that are known: found by the cookie of their socket, and in order of time. */
#ifndef TCPFLUX_STANDIN_TABLE_H
#define TCPFLUX_STANDIN_TABLE_H

#include <stddef.h>

#include "../transition.h"

struct standin {
	/* What a search looks at, in one line of the cache: this, and the first of `tr`. */
	struct standin *chain; /* of the same bucket */
	struct transition tr;
	struct standin *prev, *next;	    /* of the same list */
	uint64_t seen;			    /* last sign of life; times are CLOCK_BOOTTIME, ns */
	uint64_t since;			    /* when it entered `state`; 0: not known */
	uint64_t born;			    /* the connection; 0: not known */
	uint64_t stopped;		    /* its timer; 0: runs */
	bool expired, unattended, overflow; /* see struct standin_event */
	bool joined; /* `tr` is its socket's last transition, not just the record */
	uint8_t state;
	uint8_t last_state; /* that it was heard of in; no row may tell of it yet */
} __attribute__((aligned(64)));

_Static_assert(offsetof(struct standin, tr.rport) + sizeof(uint16_t) <= 64,
	       "one line of the cache");

/* In order of time: `seen` of those that live, `stopped` of the others. */
struct standin_list {
	struct standin *first, *last;
};

struct standin_block;

struct standin_table {
	struct standin **bucket; /* by cookie */
	size_t buckets;		 /* a power of two */
	size_t count;
	struct standin_list alive, stopped;
	struct standin_block *blocks;
	size_t fresh;		/* at the end of the first block, never used yet */
	struct standin *unused; /* by `chain` */
};

/* Returns 0 or -ENOMEM. Free it with standin_table__free() in any case. */
int standin_table__init(struct standin_table *table);
void standin_table__free(struct standin_table *table);

/*
 * By the ports, too: a program may connect a socket again that has left a stand-in behind, and so
 * another with the same cookie. Cookie 0 is nobody's. NULL: there is none.
 */
struct standin *standin_table__find(const struct standin_table *table, const struct transition *tr);

/* One that lives, in `state`; `seen` is its first sign of life. NULL if there is no memory. */
struct standin *standin_table__add(struct standin_table *table, const struct transition *tr,
				   uint8_t state, uint64_t seen);
void standin_table__drop(struct standin_table *table, struct standin *i);

/* To the end of the list that its new times, see struct standin, put it in. */
void standin_table__move(struct standin_table *table, struct standin *i, uint64_t seen,
			 uint64_t stopped);

#endif
