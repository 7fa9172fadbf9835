// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "totals.h"

/* What a listener brings forth does not end its listening. */
static bool is_birth(unsigned int old_state, unsigned int new_state)
{
	return old_state == TCP_LISTEN &&
	       (new_state == TCP_SYN_RECV || new_state == TCP_NEW_SYN_RECV);
}

void totals__add_many(struct totals *totals, unsigned int old_state, unsigned int new_state,
		      uint64_t count)
{
	totals->transitions += count;
	/* MPTCP's subflows go from ESTABLISHED to ESTABLISHED: nothing is entered or left. */
	if (old_state == new_state)
		return;
	if (old_state < STATE_COUNT && !is_birth(old_state, new_state))
		totals->left[old_state] += count;
	if (new_state < STATE_COUNT)
		totals->entered[new_state] += count;
}

void totals__add(struct totals *totals, const struct transition *tr)
{
	totals__add_many(totals, tr->old_state, tr->new_state, 1);
}

void totals__add_loss(struct totals *totals, const struct loss *loss)
{
	totals->lost += loss->count;
}
