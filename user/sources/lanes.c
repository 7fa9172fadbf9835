// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "lanes.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "../support/clock.h"

/* The spare ones run in between: lane B must be the last. */
const char *const lanes_stream[LANES_MAX] = {
	"lane_a", "spare_1", "spare_2", "spare_3", "spare_4", "lane_b",
};
const char *const lanes_count[LANES_MAX] = {
	"count_a", "count_spare_1", "count_spare_2", "count_spare_3", "count_spare_4", "count_b",
};

/*
 * Since Linux 7.0 tracepoints run their programs inside an SRCU read-side section, and no longer
 * with preemption disabled (__DECLARE_TRACE() in include/linux/tracepoint.h). Before 6.13 there was
 * a tracepoint_srcu too, for idle CPUs, but not yet the guard of tracepoints that may fault.
 */
static bool are_preemptible(const struct btf *kernel)
{
	return btf__find_by_name_kind(kernel, "tracepoint_srcu_srcu_data", BTF_KIND_VAR) > 0 &&
	       btf__find_by_name_kind(kernel, "class_rcu_tasks_trace_t", BTF_KIND_TYPEDEF) > 0;
}

void lanes__choose(struct lanes *lanes, struct bpf_object *object, const char *const *names,
		   const struct btf *kernel)
{
	lanes->move = kernel && are_preemptible(kernel);
	lanes->count = 0;
	for (unsigned int i = 0; i < LANES_MAX; i++) {
		struct bpf_program *prog = bpf_object__find_program_by_name(object, names[i]);

		if (!lanes->move && i > 0 && i < LANES_MAX - 1)
			continue;
		bpf_program__set_autoload(prog, true);
		lanes->prog[lanes->count++] = prog;
	}
}

/*
 * Calls of a program that the kernel has skipped. Where bpf() is closed to a process that has given
 * up its capabilities (before 5.19, see kernel.unprivileged_bpf_disabled), /proc still tells.
 */
static uint64_t missed(const struct bpf_program *prog)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	char path[64], line[128];
	uint64_t count = 0;
	FILE *file;

	if (!bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size))
		return info.recursion_misses;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", bpf_program__fd(prog));
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "recursion_misses: %lu", &count) == 1)
			break;
	if (file)
		fclose(file);
	return count;
}

int lanes__attach(struct lanes *lanes, const struct lanes_counters *counters)
{
	lanes->counters = *counters;
	/* Programs run in the order in which they were attached. */
	for (unsigned int i = 0; i < lanes->count; i++) {
		lanes->link[i] = bpf_program__attach(lanes->prog[i]);
		if (!lanes->link[i])
			return -errno;
	}
	return 0;
}

void lanes__detach(struct lanes *lanes)
{
	for (unsigned int i = 0; i < lanes->count; i++) {
		bpf_link__destroy(lanes->link[i]);
		lanes->link[i] = NULL;
	}
}

void lanes__begin(struct lanes *lanes)
{
	for (unsigned int i = 0; i < lanes->count; i++)
		lanes->missed[i] = missed(lanes->prog[i]);
	lanes->begun = true;
}

/* Never less than nothing. */
static uint64_t missed_since_start(const struct lanes *lanes, unsigned int i)
{
	uint64_t now = missed(lanes->prog[i]);

	return now > lanes->missed[i] ? now - lanes->missed[i] : 0;
}

static uint64_t left_by_lane_a(const struct lanes *lanes)
{
	return missed_since_start(lanes, 0) + *(volatile const __u64 *)lanes->counters.unmarked;
}

/* The least of all other lanes: what lane A missed may have been about a socket that isn't TCP's.
 */
static uint64_t missed_by_others(const struct lanes *lanes)
{
	uint64_t least = UINT64_MAX;

	for (unsigned int i = 1; i < lanes->count; i++) {
		uint64_t own = missed_since_start(lanes, i);

		least = own < least ? own : least;
	}
	return least;
}

void lanes__end(struct lanes *lanes)
{
	if (lanes->begun)
		lanes->left = left_by_lane_a(lanes);
	lanes->ended = true;
}

uint64_t lanes__skipped(struct lanes *lanes, uint64_t now)
{
	uint64_t left, done, least, skipped;

	if (!lanes->begun || now < lanes->sampled + NS_PER_S)
		return lanes->skipped;
	left = lanes->ended ? lanes->left : left_by_lane_a(lanes);
	done = *(volatile const __u64 *)lanes->counters.repaired;
	least = missed_by_others(lanes);
	skipped = lanes->left > done ? lanes->left - done : 0;
	skipped = skipped < least ? skipped : least;
	if (skipped > lanes->skipped)
		lanes->skipped = skipped;
	lanes->left = left;
	lanes->sampled = now;
	return lanes->skipped;
}
