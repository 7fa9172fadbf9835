/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A filter's tree, as the head of a log has it. */
#ifndef TCPFLUX_LOG_TREES_H
#define TCPFLUX_LOG_TREES_H

#include "../filter/tree.h"
#include "bytes.h"

/* Bytes that a tree takes at most; a larger one is left out. */
#define LOG_TREE_MAX (1u << 20)

/* NULL: everything passes. Returns the place behind. */
uint8_t *put_tree(uint8_t *p, const struct tree *tree);

/*
 * Reads one, which can be evaluated whatever was there, and is the caller's then; NULL if
 * everything passes. 0, -EBADMSG or -ENOMEM.
 */
int get_tree(struct bytes *from, struct tree **tree);

#endif
