/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Looks at the kernel's memory through pointers that the verifier does not follow, as they come
 * from container_of(). By bpf_rdonly_cast() that is a load like any other, which gives 0 where
 * there is no memory; without it, it takes a call. To be included by one file: libbpf 1.1 does not
 * link an extern function that two declare.
 */
#ifndef TCPFLUX_PEEK_H
#define TCPFLUX_PEEK_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* Is there one? Since Linux 6.2. */
extern const volatile bool may_cast;
extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym __weak;

/* Only where may_cast. */
#define CAST(type, object) ((type *)bpf_rdonly_cast((object), bpf_core_type_id_kernel(type)))

/* A member. */
#define PEEK(type, object, member)                                                                 \
	(may_cast ? CAST(type, object)->member : BPF_CORE_READ((type *)(object), member))

#endif
