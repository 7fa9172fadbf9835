/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many sockets entered and left each state, as far as transitions tell. */
#ifndef TCPFLUX_TOTALS_H
#define TCPFLUX_TOTALS_H

#include "../transition.h"

struct totals {
	uint64_t transitions;
	uint64_t lost;
	uint64_t entered[STATE_COUNT];
	uint64_t left[STATE_COUNT];
};

/* So many transitions from one state to another. */
void totals__add_many(struct totals *totals, unsigned int old_state, unsigned int new_state,
		      uint64_t count);
void totals__add(struct totals *totals, const struct transition *tr);
void totals__add_loss(struct totals *totals, const struct loss *loss);

#endif
