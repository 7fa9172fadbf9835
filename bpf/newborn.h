/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tcp_time_wait() makes a stand-in and then closes its socket, nearly always without leaving the
 * CPU. So a new stand-in waits here for its socket's last transition, which takes it along, and
 * needs no record of its own.
 */
#ifndef TCPFLUX_NEWBORN_H
#define TCPFLUX_NEWBORN_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct newborn {
	__u64 cookie; /* 0: none waits */
	__u32 state;  /* TCP_FIN_WAIT2 or TCP_TIME_WAIT */
	__u16 lport;  /* host byte order */
	__u16 rport;
};

/* A place for each CPU. CPUs that share one only cause more records. */
#define NEWBORN_MAX 1024

struct newborn_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NEWBORN_MAX);
	__type(key, __u32);
	__type(value, struct newborn);
};

extern struct newborn_map newborn SEC(".maps");
extern const volatile __u32 newborn_places; /* so many are in use */

static __always_inline struct newborn *newborn__place(__u32 cpu)
{
	__u32 place = cpu % NEWBORN_MAX;

	return bpf_map_lookup_elem(&newborn, &place);
}

/* A softirq may be putting another one into this place, and tells of this one then. */
static __always_inline __u8 newborn__take_from(__u32 cpu, __u64 cookie)
{
	struct newborn *n = newborn__place(cpu);
	__u8 state;

	if (!n || n->cookie != cookie)
		return 0;
	state = n->state;
	return __sync_val_compare_and_swap(&n->cookie, cookie, 0) == cookie ? state : 0;
}

/* The state of this connection's stand-in, once; 0: none waits. `expected`: look everywhere. */
static __always_inline __u8 newborn__take(__u64 cookie, bool expected)
{
	__u8 state = newborn__take_from(bpf_get_smp_processor_id(), cookie);

	if (!expected)
		return state;
	for (__u32 i = 0; !state && i < newborn_places && i < NEWBORN_MAX; i++)
		state = newborn__take_from(i, cookie);
	return state;
}

#endif
