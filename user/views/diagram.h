/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TCP's state diagram (RFC 9293, figure 5) as SVG, with what has happened in it. */
#ifndef TCPFLUX_DIAGRAM_H
#define TCPFLUX_DIAGRAM_H

#include <stdbool.h>
#include <stdio.h>

#include "../analysis/analysis.h"

/*
 * Edges are the wider the more transitions there were; those that the diagram does not know have
 * the class "unknown". Colours are the page's.
 */
void diagram__print(FILE *to, const struct analysis *analysis);

/* Does the diagram have this edge? */
bool diagram__knows(unsigned int old_state, unsigned int new_state);

#endif
