/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What programs keep for each CPU, and what they ask for at every call, as both sides know it: all
 * in one line of the cache. Between two transitions the kernel does so much else that each line is
 * fetched anew, which was measured to take 18 ns.
 */
#ifndef TCPFLUX_CPU_H
#define TCPFLUX_CPU_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

struct cpu {
	__u64 mark; /* of the latest transition, see marks.h */
	/*
	 * The cookie of the last connection that came from a request. tcp_check_req() makes the
	 * child and then drops the request, in one softirq.
	 */
	__u64 youngest_child;
	__u64 stopped; /* the address of the timer of a stand-in that was stopped last */
	/* Set by the loader: what timers of stand-ins call; 0: not wanted. */
	__u64 timewait_handler; /* address of tw_timer_handler() */
	__u64 request_handler;	/* of reqsk_timer_handler() */
	__u64 reserved[3];
};

_Static_assert(sizeof(struct cpu) == 64, "CPUs would share a cache line");

#endif
