// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "hidden.h"

#include <errno.h>
#include <sys/types.h>

#include "hidden.skel.h"
#include "iterator.h"
#include "requirements.h"

/* Ends the walk. */
#define SHOWN (-ECANCELED)

static int on_process_1(void *ctx, const void *record, size_t size)
{
	(void)ctx;
	(void)record;
	(void)size;
	return SHOWN;
}

/* It comes first, if at all. */
static int look_for_process_1(struct hidden_bpf *skel)
{
	struct iteration steps = { .size = sizeof(pid_t), .record = on_process_1 };

	skel->links.find = bpf_program__attach(skel->progs.find);
	return skel->links.find ? iterator__run(skel->links.find, &steps) : -errno;
}

bool hidden__is_process_1(void)
{
	struct requirements needs;
	struct hidden_bpf *skel;
	bool hidden;

	requirements__look(&needs);
	skel = needs.in_pid_namespace ? NULL : hidden_bpf__open_and_load();
	hidden = skel && !look_for_process_1(skel);
	hidden_bpf__destroy(skel);
	return hidden;
}
