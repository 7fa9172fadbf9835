/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The way out of the kernel, and the counters that make "submitted + lost = happened" hold. */
#ifndef TCPFLUX_RING_H
#define TCPFLUX_RING_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "event.h"

/* Its size is set by the loader, see -b. */
struct ring_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
};

extern struct ring_map ring SEC(".maps");

/*
 * Set while all lanes are attached: one lane alone would miss some, so tracing begins and ends
 * with this and not with an attachment.
 */
extern bool tracing;

/* Global, not per CPU: written only when something goes wrong, and each record carries `lost`. */
extern __u64 lost;	/* records that found the ring full */
extern __u64 unmarked;	/* transitions that lane A left to others, having no storage to mark */
extern __u64 repaired;	/* transitions that others handled in lane A's stead */
extern __u64 untracked; /* transitions of sockets that no storage could be had for */
extern __u64 gaps;	/* transitions from another state than the socket's last one led to */

#endif
