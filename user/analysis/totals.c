// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "totals.h"

void totals__add(struct totals *totals, const struct transition *tr)
{
	totals->transitions++;
	/* MPTCP's subflows go from ESTABLISHED to ESTABLISHED: nothing is entered or left. */
	if (tr->old_state == tr->new_state)
		return;
	if (tr->old_state < STATE_COUNT)
		totals->left[tr->old_state]++;
	if (tr->new_state < STATE_COUNT)
		totals->entered[tr->new_state]++;
}

void totals__add_loss(struct totals *totals, const struct loss *loss)
{
	totals->lost += loss->count;
}
