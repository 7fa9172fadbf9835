/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The last transitions that pass a filter, as `trace` prints them. */
#ifndef TCPFLUX_TAIL_H
#define TCPFLUX_TAIL_H

#include "../filter/sieve.h"

#define TAIL_ROWS 512

/* Columns of a row that stand in front of the addresses: time and owner. See sinks/text.c. */
#define TAIL_FRONT 40

/* As wide as most rows are: where there is less room, the front can be done without first. */
#define TAIL_WIDTH 128

struct tail;

/*
 * NULL if there is no memory. The filter is compiled; from here on it is the tail's, with its tree
 * alone.
 */
struct tail *tail__new(const struct filter *filter);
void tail__free(struct tail *tail); /* safe on NULL */

/* What a source is to deliver to. */
struct transition_handler tail__handler(struct tail *tail);

/* How many there are: at most TAIL_ROWS. */
uint32_t tail__count(const struct tail *tail);

/*
 * While it is held, none is added. Rows are always those that came one after another: if any were
 * missed, it begins anew afterwards.
 */
void tail__hold(struct tail *tail, bool held);
uint64_t tail__missed(const struct tail *tail); /* since it is held */

/*
 * The rows from `first` on, at most `count`, each handed to `line` without its newline, behind the
 * line that names the columns.
 */
void tail__print(struct tail *tail, uint32_t first, uint32_t count,
		 void (*line)(void *ctx, const char *text, size_t len), void *ctx);

#endif
