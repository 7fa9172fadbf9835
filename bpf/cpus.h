/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the programs of a CPU have what is theirs. */
#ifndef TCPFLUX_CPUS_BPF_H
#define TCPFLUX_CPUS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "cpu.h"

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
