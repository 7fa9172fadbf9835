// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "marks.h"

#include "../support/clock.h"

/*
 * A mark that stays so long has been left over: no transition takes that time between lanes. Where
 * lanes are preempted one in a hundred is, and a bucket must not fill up.
 */
#define MARK_NS (2 * NS_PER_S)

void marks__sweep(struct marks *marks, __u64 *table, uint64_t now)
{
	if (now < marks->at + MARK_NS)
		return;
	marks->at = now;
	for (unsigned int i = 0; i < MARKS; i++) {
		uint64_t mark = *(volatile __u64 *)&table[i];

		if (mark && mark == marks->old[i] &&
		    __sync_bool_compare_and_swap(&table[i], mark, 0))
			mark = 0;
		marks->old[i] = mark;
	}
}
