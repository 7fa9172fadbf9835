/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Does an expression hold for a transition? */
#ifndef TCPFLUX_EVALUATE_H
#define TCPFLUX_EVALUATE_H

#include "../transition.h"
#include "tree.h"

/* In this order: and is the least of two, or the greatest. */
enum truth {
	TRUTH_NO,
	TRUTH_OPEN, /* it depends on the local port, which is not chosen yet */
	TRUTH_YES,
};

/*
 * What is not known of the transition fulfils no condition, != included. *lport is the local port;
 * NULL: not chosen yet.
 */
enum truth evaluate(const struct tree *tree, const struct transition *tr, const uint16_t *lport);

#endif
