// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The base line: what it costs to have any program at all on the tracepoint. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tp_btf/inet_sock_set_state")
int empty(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
