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

/*
 * The state of this connection's stand-in, once; 0: none waits. `expected`: look everywhere, which
 * is verified but once for each CPU and not again on each path to here.
 */
__u8 newborn__take(__u64 cookie, bool expected);

#endif
