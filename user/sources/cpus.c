// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cpus.h"

#include <errno.h>
#include <sys/mman.h>

#include "cpu.h"

int cpus__possible(void)
{
	int cpus;

	do /* libbpf does not try again */
		cpus = libbpf_num_possible_cpus();
	while (cpus == -EINTR);
	return cpus;
}

static size_t size_of(const struct cpus *cpus)
{
	return cpus->count * sizeof(struct cpu);
}

int cpus__open(struct cpus *cpus, const struct bpf_map *map)
{
	void *shared;

	cpus->count = bpf_map__max_entries(map);
	shared = mmap(NULL, size_of(cpus), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (shared == MAP_FAILED)
		return -errno;
	cpus->each = shared;
	return 0;
}

void cpus__close(struct cpus *cpus)
{
	if (cpus->each)
		munmap(cpus->each, size_of(cpus));
	cpus->each = NULL;
}

void cpus__set_handlers(struct cpus *cpus, uint64_t timewait, uint64_t request)
{
	for (unsigned int i = 0; i < cpus->count; i++) {
		cpus->each[i].timewait_handler = timewait;
		cpus->each[i].request_handler = request;
	}
}
