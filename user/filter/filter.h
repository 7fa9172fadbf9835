/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which transitions the user wants to see. */
#ifndef TCPFLUX_FILTER_H
#define TCPFLUX_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "../support/parse.h"
#include "../tcp_socket.h"
#include "../transition.h"
#include "expression.h"

/* Every criterion that is given must hold. Options are criteria once they are compiled. */
struct filter {
	bool only_ipv4, only_ipv6;
	struct ranges lports, rports;
	struct ranges pids;
	const char *comm; /* NULL: any */
	uint32_t netns;	  /* inode number; 0: any */

	struct tree *tree; /* all of them; owned. NULL: none, and everything passes */
};

enum filter_verdict {
	FILTER_DROP,
	FILTER_PASS,
	/* A client's first transition, when connect() has not chosen the local port yet. */
	FILTER_UNDECIDED,
};

/* Adds an expression. Returns as expression__parse(). */
int filter__add(struct filter *filter, const char *expression, enum expression_subject subject,
		struct expression_error *error);

/* Neither an option nor an expression is given. */
bool filter__is_empty(const struct filter *filter);

/* Adds what the options say, which the other members hold; once. Returns 0 or -ENOMEM. */
int filter__compile(struct filter *filter);

/* Frees the tree, not what the options hold. */
void filter__free(struct filter *filter);

enum filter_verdict filter__match(const struct filter *filter, const struct transition *tr);

/* A socket in a state is to the filter what a transition to it would be. */
bool filter__match_socket(const struct filter *filter, const struct tcp_socket *socket);

/* May a verdict be FILTER_UNDECIDED? */
bool filter__may_wait(const struct filter *filter);

/* The verdict on a transition that was undecided, now that its local port is known. */
bool filter__match_late(const struct filter *filter, const struct transition *tr, uint16_t lport);

#endif
