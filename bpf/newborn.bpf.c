// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "newborn.h"

#include "cpus.h"

/* A softirq may be putting another one into this place, and tells of this one then. */
static __always_inline __u8 newborn__take_from(__u32 cpu, __u64 cookie)
{
	struct cpu *place = cpu__at(cpu);
	__u8 state;

	if (!place || place->newborn.cookie != cookie)
		return 0;
	state = place->newborn.state;
	return __sync_val_compare_and_swap(&place->newborn.cookie, cookie, 0) == cookie ? state : 0;
}

__noinline __u8 newborn__take(__u64 cookie, bool expected)
{
	__u8 state = newborn__take_from(bpf_get_smp_processor_id(), cookie);

	if (!expected)
		return state;
	for (__u32 i = 0; !state && i < newborn_places && i < NEWBORN_MAX; i++)
		state = newborn__take_from(i, cookie);
	return state;
}
