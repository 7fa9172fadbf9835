/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPFLUX_PROBE_H
#define TCPFLUX_PROBE_H

#include <stdbool.h>

/* A way of looking into the kernel. */
struct probe {
	const char *name;
	const char *status; /* "on"; or why it is not in use, or what it misses */
	const char *how;    /* by what means, and why not by better ones; empty: no choice */
	bool lacking;	    /* something that was wanted is not seen */
};

#endif
