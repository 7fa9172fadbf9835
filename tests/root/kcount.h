/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's own count of the trace event, taken by tracefs in an instance of our own. */
#ifndef TESTS_ROOT_KCOUNT_H
#define TESTS_ROOT_KCOUNT_H

#include <stdint.h>

struct kcount {
	char path[96]; /* of the instance */
};

/*
 * Starts to count the transitions of TCP in the whole system for which `filter` holds as well (in
 * tracefs' language; NULL: all). Skips the test where there is no tracefs.
 */
struct kcount *kcount__start(const char *filter);
/*
 * The same, but only of transitions while a thread of process 1 has the CPU, in a softirq mostly. A
 * sandbox whose process 1 keeps its secrets may run no BPF program there, and counts no miss
 * either: then only a sockops program tells of these, and perf events count them. Elsewhere BPF
 * sees them like any other.
 */
struct kcount *kcount__start_in_init(const char *filter);
/* What it has counted so far. */
uint64_t kcount__so_far(const struct kcount *k);
/* Stops, and returns the count, which is exact: the test fails if the kernel dropped some. */
uint64_t kcount__stop(struct kcount *k);

/*
 * As kcount__start_in_init(), for all tests together, and with the timers of stand-ins that end
 * there. NULL where process 1 keeps no secrets, or there is no tracefs.
 */
struct kcount *kcount__watch_init(void);
/* Stops, frees, and returns the count; 0 for NULL. */
uint64_t kcount__end(struct kcount *k);

#endif
