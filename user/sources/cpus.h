/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the programs of each CPU ask for at every call. */
#ifndef TCPFLUX_CPUS_H
#define TCPFLUX_CPUS_H

#include <bpf/libbpf.h>
#include <stdint.h>

struct cpus {
	struct cpu *each; /* shared with the kernel; NULL: not open */
	unsigned int count;
};

/* CPUs that there are or may come to be, or a negative errno. */
int cpus__possible(void);

/* `map` is loaded, and has one for each CPU. Returns 0 or a negative errno. */
int cpus__open(struct cpus *cpus, const struct bpf_map *map);
void cpus__close(struct cpus *cpus); /* safe if not open */

/* Addresses of what timers of stand-ins call; 0: not wanted. Before any program is attached. */
void cpus__set_handlers(struct cpus *cpus, uint64_t timewait, uint64_t request);

#endif
