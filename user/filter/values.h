/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Readers of what a condition's field is compared with. Each takes the whole word or nothing, puts
 * what it says into `node`, and returns NULL or what it expected, which parse_no_memory may be.
 */
#ifndef TCPFLUX_VALUES_H
#define TCPFLUX_VALUES_H

#include "lexer.h"
#include "tree.h"

/* The sign is any from TOKEN_EQUAL to TOKEN_AT_LEAST; != has been noted in the node. */
typedef const char *value_fn(struct tree *tree, struct node *node, enum token_kind sign,
			     const char *word);

/* Numbers and, with = and !=, lists of them and ranges. */
value_fn value__ports; /* with a colon or without, or names of services; * is any */
value_fn value__pids;
value_fn value__uids; /* or users' names */
value_fn value__time; /* one: 500us, 1.5s, 3 */

/* The others know = and != only. */
value_fn value__states;
value_fn value__family;
value_fn value__netns;
value_fn value__comm;
value_fn value__cgroup;
value_fn value__reason;

#endif
