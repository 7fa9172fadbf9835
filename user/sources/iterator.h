/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BPF iterators: a program is run on each of the kernel's objects of a kind. */
#ifndef TCPFLUX_ITERATOR_H
#define TCPFLUX_ITERATOR_H

#include <bpf/libbpf.h>
#include <stddef.h>

/*
 * Takes one record that a program has written by bpf_seq_write(). A negative return ends the walk.
 */
typedef int iterator_fn(void *ctx, const void *record, size_t size);

/*
 * One walk by an attached program, each of whose records has `size` bytes. It sees the network
 * namespace that the caller is in. fn NULL: the program writes nothing.
 * Returns 0, fn's negative return, or a negative errno; -EBADMSG if the last record is cut off.
 */
int iterator__run(const struct bpf_link *link, size_t size, iterator_fn *fn, void *ctx);

#endif
