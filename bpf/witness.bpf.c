// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Do programs run while process 1 has the CPU? By a perf event, see user/sources/witness.c. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "insist.h"

bool runs;

SEC("perf_event")
int note(void *ctx)
{
	runs = true;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
