/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counts what programs can't see where process 1 is hidden from them, see hidden.h: a perf event
 * needs no program, and one of process 1 costs next to nothing while others run. It counts the
 * calls of sock:inet_sock_set_state there.
 */
#ifndef TCPFLUX_WITNESS_H
#define TCPFLUX_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

struct witness;

/* Transitions of TCP from one state to another; 0 is any. */
struct witness_kind {
	uint8_t old_state, new_state;
};

/* As many as may be told apart. */
#define WITNESS_KINDS_MAX 32

/*
 * Counts each kind for itself, from now on. On another kernel these are not kept from programs.
 * NULL: it may not, or there is no tracefs, no memory.
 */
struct witness *witness__new(const struct witness_kind *kinds, unsigned int count);
void witness__free(struct witness *witness); /* safe on NULL */

/* Of each kind, in their order, since witness__new(). */
void witness__read(struct witness *witness, uint64_t *counts);

#endif
