// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "wallclock.h"

#include "../support/clock.h"

/* The wall clock is taken to have been set, and not to have been read late, from here on. */
#define STEP_NS NS_PER_MS

/*
 * Who is preempted between the two readings reads again: false if that did not help, and the best
 * of them is off by more than a step.
 */
static bool read_boot_time(uint64_t *boot_time)
{
	uint64_t closest = UINT64_MAX;

	for (int i = 0; i < 10 && closest > STEP_NS / 2; i++) {
		uint64_t before = clock_ns(CLOCK_BOOTTIME), wall = clock_ns(CLOCK_REALTIME);
		uint64_t apart = clock_ns(CLOCK_BOOTTIME) - before;

		if (apart >= closest)
			continue;
		closest = apart;
		*boot_time = wall - before;
	}
	return closest <= STEP_NS / 2;
}

bool wallclock__follow(uint64_t *boot_time)
{
	uint64_t now = 0;
	bool sure = read_boot_time(&now);
	int64_t step = now - *boot_time;

	if (*boot_time && !sure)
		return false;
	if (step <= (int64_t)STEP_NS && step >= -(int64_t)STEP_NS)
		return false;
	*boot_time = now;
	return true;
}
