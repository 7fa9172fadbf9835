/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The optional programs: what each probe can be made of, best first, and which of these ways this
 * kernel allows. One that fails costs what it would have shown, and never the program.
 */
#ifndef TCPFLUX_PROBES_H
#define TCPFLUX_PROBES_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>

#include "../probe.h"

enum probe_id {
	PROBE_TRANSITION,
	PROBE_SNAPSHOT,
	PROBE_ACCEPT,
	PROBE_TIMEWAIT,
	PROBE_REQUEST,
	PROBE_HIDDEN,
	PROBE_COUNT,
};

struct probes;

struct probes_options {
	bool no_timewait, no_request; /* nobody wants to see what they show */
	bool no_fentry;		      /* as if the kernel had refused all of them */
	bool hidden;		      /* what happens while process 1 has the CPU */
	int cgroup; /* the root directory of the cgroup v2 hierarchy, or negative */
};

/* NULL if there is no memory. */
struct probes *probes__new(void);
void probes__free(struct probes *probes); /* safe on NULL; detaches */

/*
 * Before the load, anew for each: chooses the programs to load with `object`, by
 * bpf_program__set_autoload().
 * kernel: NULL if there was no memory for it.
 */
void probes__choose(struct probes *probes, struct bpf_object *object, const struct btf *kernel,
		    const struct probes_options *options);

/* Before the load: none of the programs, because the load failed with `err`. */
void probes__refuse(struct probes *probes, struct bpf_object *object, int err);

/* Addresses that programs compare with, see timers.bpf.c; 0: not needed. */
uint64_t probes__timewait_handler(const struct probes *probes);
uint64_t probes__request_handler(const struct probes *probes);

/* After the load: attaches what was chosen. */
void probes__attach(struct probes *probes, struct bpf_object *object);
void probes__detach(struct probes *probes);

/* What the caller found out about a probe that has no choice: 0 or a negative errno. */
void probes__set(struct probes *probes, enum probe_id id, int err);

bool probes__is_on(const struct probes *probes, enum probe_id id);

/* Ends with a row without a name. */
const struct probe *probes__rows(const struct probes *probes);

#endif
