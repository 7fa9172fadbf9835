/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The language in which ss(8) is told what to show, and what transitions have beyond it. */
#ifndef TCPFLUX_EXPRESSION_H
#define TCPFLUX_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "tree.h"

#define EXPRESSION_MAX	 65535 /* bytes */
#define EXPRESSION_DEPTH 64    /* parentheses within each other */

/* What it is about. A socket has no old state, nor how long it was in it, nor a reason. */
enum expression_subject {
	ABOUT_TRANSITIONS,
	ABOUT_SOCKETS,
};

struct expression_error {
	const char *problem; /* what was expected */
	size_t at;	     /* and where: an offset into the text */
};

/*
 * Adds what the text says to the tree. Returns 0, -ENOMEM, or -EINVAL: then *error says more. Of a
 * tree that it fails for there is nothing to be had.
 */
int expression__parse(const char *text, enum expression_subject subject, struct tree *tree,
		      struct expression_error *error);

/* May a word of the command line begin one? Else it is nothing of ours. */
bool expression__begins_with(const char *word);

#endif
