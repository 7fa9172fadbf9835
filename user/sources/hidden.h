/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Some kernels, those of sandboxes for example, hide process 1 from BPF programs: none that traces
 * runs while it has the CPU, whatever packets and timers a softirq handles there meanwhile.
 */
#ifndef TCPFLUX_HIDDEN_H
#define TCPFLUX_HIDDEN_H

#include <stdbool.h>

/* False, too, where that can't be found out: in a container with a process 1 of its own. */
bool hidden__is_process_1(void);

#endif
