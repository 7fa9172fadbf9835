/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a connection ends: [FAMILY:]ADDRESS[/PREFIX][:PORT], any part of which may be left out, or
 * only [FAMILY:][:]PORT.
 */
#ifndef TCPFLUX_HOST_H
#define TCPFLUX_HOST_H

#include "lexer.h"
#include "tree.h"

extern const char host__expected[];

/*
 * Adds what the word says, as a group of conditions if they are several. node is about the local
 * address or the remote one, and so will be the port. The word is changed. Returns NULL or what was
 * expected, which parse_no_memory may be.
 */
const char *host__read(struct tree *tree, const struct node *node, char *word);

/* The same for a port, which compares so with the local one or the remote one. */
const char *host__read_port(struct tree *tree, const struct node *node, enum token_kind sign,
			    const char *word);

#endif
