/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How often connections ended for which reason. */
#ifndef TCPFLUX_REASONS_H
#define TCPFLUX_REASONS_H

#include <stdint.h>

/* Any further kinds are counted together, as "other". */
#define REASON_KINDS 8

/* All zero is empty; the kinds end with one without a name. */
struct reasons {
	struct {
		const char *name; /* from transition__reason(): not owned */
		uint64_t count;
	} kind[REASON_KINDS + 1];
};

void reasons__add(struct reasons *reasons, const char *name);

/* How many of this name there were. */
uint64_t reasons__count(const struct reasons *reasons, const char *name);

#endif
