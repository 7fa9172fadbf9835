/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What of an expression the kernel can decide, as the programs that it runs: see bpf/decision.h. */
#ifndef TCPFLUX_PUSHDOWN_H
#define TCPFLUX_PUSHDOWN_H

#include "decision.h"
#include "tree.h"

/* Which of the fields, a bit each, never change in the life of a connection. */
#define PUSHDOWN_OF_CONNECTIONS                                                                    \
	(FILTER_ADDRESSES | FILTER_BIT(FILTER_LPORT) | FILTER_BIT(FILTER_RPORT) |                  \
	 FILTER_BIT(FILTER_NETNS))
#define PUSHDOWN_OF_ROWS (FILTER_BIT(FILTER_FIELDS) - 1)

struct pushdown {
	/* What drops a connection with all that becomes of it, and what drops a row. */
	struct filter_program connections, rows;
	bool requests, timewaits; /* rows about them may pass, by their states */
	bool strangers;		  /* that its owner is not known may be what makes a row pass */
	bool too_large; /* there is more to decide than a program has room for: none is made */
};

/* The kernel's number for a field; FILTER_FIELDS: it can't decide on it. */
enum filter_field pushdown__field(enum field field);

/* tree: NULL for what everything passes. Returns 0 or -ENOMEM. */
int pushdown__compile(struct pushdown *pushdown, const struct tree *tree);

/* Does the kernel drop any? */
bool pushdown__filters(const struct pushdown *pushdown);

#endif
