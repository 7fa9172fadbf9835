/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel holds of BPF programs, asked without tcpflux. */
#ifndef TESTS_ROOT_BPF_H
#define TESTS_ROOT_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Can a program be loaded for the tracepoint at all? If not, says why and returns true. */
bool bpf__why_unavailable(char *reason, size_t size);

/* The ids of all loaded programs, ascending. Returns their number, at most `max`. */
size_t bpf__program_ids(uint32_t *ids, size_t max);

/*
 * How many programs there are that are not among the `count` ids and that no living process holds
 * by a descriptor: those that somebody has left behind. Names the first one.
 */
size_t bpf__left_behind(const uint32_t *ids, size_t count, char *name, size_t size);

#endif
