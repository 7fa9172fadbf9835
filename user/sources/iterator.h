/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BPF iterators: a program is run on each of the kernel's objects of a kind. */
#ifndef TCPFLUX_ITERATOR_H
#define TCPFLUX_ITERATOR_H

#include <bpf/libbpf.h>
#include <stddef.h>

/* Of both functions, a negative return ends the walk. */
struct iteration {
	/*
	 * Each record that the program writes by bpf_seq_write() has so many bytes. record NULL:
	 * what it writes means nothing, but is a moment for `pace`.
	 */
	size_t size;
	int (*record)(void *ctx, const void *record, size_t size);
	/* NULL, or what else is to be done in the meantime: called every few ms. */
	int (*pace)(void *ctx);
	void *ctx;
};

/*
 * One walk by an attached program. It sees the network namespace that the caller is in.
 * Returns 0, a function's negative return, or a negative errno; -EBADMSG if the last record is cut
 * off.
 */
int iterator__run(const struct bpf_link *link, const struct iteration *iteration);

#endif
