/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * For an object that has no maps. Where libbpf 1.1 has no memory for an object's types it goes on
 * without them, and dies of that in loading, unless they describe a map (bpf_object__init_btf()):
 * then it fails. So here is one.
 */
#ifndef TCPFLUX_INSIST_H
#define TCPFLUX_INSIST_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} insist_on_types SEC(".maps");

#endif
