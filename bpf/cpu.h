/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What programs keep for each CPU, all in one line of the cache. */
#ifndef TCPFLUX_CPU_H
#define TCPFLUX_CPU_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "newborn.h"

struct cpu {
	__u64 mark; /* of the latest transition, see marks.h */
	/*
	 * The cookie of the last connection that came from a request. tcp_check_req() makes the
	 * child and then drops the request, in one softirq.
	 */
	__u64 youngest_child;
	__u64 stopped; /* the address of the timer of a stand-in that was stopped last */
	struct newborn newborn;
	__u64 reserved[3];
};

_Static_assert(sizeof(struct cpu) == 64, "CPUs would share a cache line");

struct cpus_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE); /* begins where a page does */
	__uint(max_entries, 1);		   /* as many as there are is set by the loader */
	__type(key, __u32);
	__type(value, struct cpu);
};

extern struct cpus_map cpus SEC(".maps");

static __always_inline struct cpu *cpu__at(__u32 number)
{
	return bpf_map_lookup_elem(&cpus, &number);
}

static __always_inline struct cpu *cpu__own(void)
{
	return cpu__at(bpf_get_smp_processor_id());
}

#endif
