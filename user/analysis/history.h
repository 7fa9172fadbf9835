/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The last rates, one for each interval. */
#ifndef TCPFLUX_HISTORY_H
#define TCPFLUX_HISTORY_H

#include "counts.h"

#define HISTORY_MAX 128

/* All zero is an empty one. Rates are in thousandths a second. */
struct history {
	struct opened rates[HISTORY_MAX];
	uint32_t count;	      /* that there were, those that are gone included */
	struct opened before; /* events at the end of the last interval */
};

/* So much time has passed, in ns, and so many events have been there by now. */
void history__add(struct history *history, const struct opened *events, uint64_t ns);

/* From here on, after so many events; what was before stays. */
void history__begin_anew(struct history *history, const struct opened *events);

/* Of so many intervals ago, the last being 0; NULL: it is not known. */
const struct opened *history__at(const struct history *history, uint32_t ago);

#endif
