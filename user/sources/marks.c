// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "marks.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../support/clock.h"

/*
 * A mark that stays so long has been left over: no transition takes that time between lanes. Where
 * lanes are preempted one in a hundred is, and a table must not fill up.
 */
#define MARK_NS (2 * NS_PER_S)

int marks__set_tables(struct bpf_map *map, unsigned int cpus, bool lanes_move)
{
	return bpf_map__set_max_entries(map, lanes_move ? SHARED_TABLES : cpus);
}

static size_t size_of_tables(const struct marks *marks)
{
	return marks->count / MARKS * sizeof(struct mark_table);
}

int marks__open(struct marks *marks, const struct bpf_map *map)
{
	void *shared;

	marks->count = bpf_map__max_entries(map) * MARKS;
	marks->old = calloc(marks->count, sizeof(*marks->old));
	if (!marks->old)
		return -ENOMEM;
	shared = mmap(NULL, size_of_tables(marks), PROT_READ | PROT_WRITE, MAP_SHARED,
		      bpf_map__fd(map), 0);
	if (shared == MAP_FAILED)
		return -errno;
	marks->tables = shared;
	return 0;
}

void marks__close(struct marks *marks)
{
	if (marks->tables)
		munmap(marks->tables, size_of_tables(marks));
	free(marks->old);
}

void marks__sweep(struct marks *marks, uint64_t now)
{
	if (now < marks->at + MARK_NS)
		return;
	marks->at = now;
	for (unsigned int i = 0; i < marks->count; i++) {
		__u64 *place = &marks->tables[i / MARKS].marks[i % MARKS];
		uint64_t mark = *(volatile __u64 *)place;

		if (mark && mark == marks->old[i] && __sync_bool_compare_and_swap(place, mark, 0))
			mark = 0;
		marks->old[i] = mark;
	}
}
