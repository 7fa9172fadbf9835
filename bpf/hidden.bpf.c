// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Does the kernel show process 1 to programs? See user/sources/hidden.c. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "insist.h"

SEC("iter/task")
int find(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task && task->tgid == 1)
		bpf_seq_write(ctx->meta->seq, &task->tgid, sizeof(task->tgid));
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
