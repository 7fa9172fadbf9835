/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPFLUX_CPUS_H
#define TCPFLUX_CPUS_H

#include <bpf/libbpf.h>
#include <errno.h>

/* CPUs that there are or may come to be, or a negative errno. libbpf does not try again. */
static inline int possible_cpus(void)
{
	int cpus;

	do
		cpus = libbpf_num_possible_cpus();
	while (cpus == -EINTR);
	return cpus;
}

#endif
