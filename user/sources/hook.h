/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Would this kernel run an optional program? libbpf loads all or nothing, so each is tried first:
 * a program of two instructions, of the same kind and for the same place, is loaded.
 */
#ifndef TCPFLUX_HOOK_H
#define TCPFLUX_HOOK_H

#include <bpf/libbpf.h>
#include <stdint.h>

struct btf;

/*
 * What `prog` hangs on is there, has at least `min_args` arguments, and the kernel lets a program
 * hang on it: 0. Else a negative errno: -ESRCH if it isn't there. For fentry, fexit and tp_btf by
 * their section's name, and for sockops at the cgroup directory `cgroup`.
 */
int hook__try(const struct btf *kernel, const struct bpf_program *prog, unsigned int min_args,
	      int cgroup);

/* The address of one of the kernel's functions. 0, or -ESRCH or -EPERM if it is not shown. */
int hook__find_function(const char *function, uint64_t *address);

#endif
