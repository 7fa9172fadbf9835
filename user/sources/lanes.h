/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The programs on sock:inet_sock_set_state, of which one does the work for a transition: the first
 * that the kernel does not skip. See bpf/transition.bpf.c and bpf/totals.bpf.c.
 */
#ifndef TCPFLUX_LANES_H
#define TCPFLUX_LANES_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#define LANES_MAX 6

/* What the kernel side counts, see bpf/ring.h. */
struct lanes_counters {
	const __u64 *unmarked, *repaired;
};

struct lanes {
	struct bpf_program *prog[LANES_MAX]; /* the object's; in the order in which they run */
	struct bpf_link *link[LANES_MAX];
	struct lanes_counters counters;
	uint64_t missed[LANES_MAX]; /* calls that the kernel had skipped when tracing began */
	unsigned int count;
	bool move; /* a task may go on with the next one on another CPU */
	bool begun, ended;
	uint64_t sampled; /* when `left` was so; CLOCK_BOOTTIME, ns */
	uint64_t left;	  /* calls that lane A had left to the others */
	uint64_t skipped; /* what lanes__skipped() has returned */
};

/* Of those that stream, bpf/transition.bpf.c, and of those that count, bpf/totals.bpf.c. */
extern const char *const lanes_stream[LANES_MAX], *const lanes_count[LANES_MAX];

/* Before the load: how many of the object's lanes this kernel needs. Others are not loaded. */
void lanes__choose(struct lanes *lanes, struct bpf_object *object, const char *const *names,
		   const struct btf *kernel);

/*
 * After the load; the counters stay there as long as the lanes. Returns 0 or a negative errno, with
 * whatever is attached left so.
 */
int lanes__attach(struct lanes *lanes, const struct lanes_counters *counters);
void lanes__detach(struct lanes *lanes);

/*
 * Around the time for which a flag bids them work. While it does not, what lane A is kept from is
 * not left to the others, who have nothing to do either. Lanes may end that never began.
 */
void lanes__begin(struct lanes *lanes);
void lanes__end(struct lanes *lanes);

/*
 * Calls that the kernel had skipped in every lane since lanes__begin(), a second before `now`
 * (CLOCK_BOOTTIME, ns): since then one that lane A left may still be under way to the next. After
 * lanes__end(), and once no program runs any more, `now` is UINT64_MAX.
 */
uint64_t lanes__skipped(struct lanes *lanes, uint64_t now);

#endif
