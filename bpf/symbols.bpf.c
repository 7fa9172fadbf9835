// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where a function of the kernel is, for user/sources/hook.c. It takes Linux 5.16. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "insist.h"

char name[64]; /* filled up with zeros */
__u64 address;

/* -EPERM for who may not see addresses in /proc/kallsyms, -ENOENT if there is none of this name. */
SEC("syscall")
int look_up(void *ctx)
{
	return bpf_kallsyms_lookup_name(name, sizeof(name), 0, &address);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
