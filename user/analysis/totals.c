// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "totals.h"

/* What a listener brings forth does not end its listening. */
static bool is_birth(const struct transition *tr)
{
	return tr->old_state == TCP_LISTEN &&
	       (tr->new_state == TCP_SYN_RECV || tr->new_state == TCP_NEW_SYN_RECV);
}

void totals__add(struct totals *totals, const struct transition *tr)
{
	totals->transitions++;
	/* MPTCP's subflows go from ESTABLISHED to ESTABLISHED: nothing is entered or left. */
	if (tr->old_state == tr->new_state)
		return;
	if (tr->old_state < STATE_COUNT && !is_birth(tr))
		totals->left[tr->old_state]++;
	if (tr->new_state < STATE_COUNT)
		totals->entered[tr->new_state]++;
}

void totals__add_loss(struct totals *totals, const struct loss *loss)
{
	totals->lost += loss->count;
}
