/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * To load BPF programs, libbpf copies the types of the whole kernel twice, 11 MB, and gives them
 * back. Of memory that is used for the first time each 4 KB are a page fault, unless they are a
 * part of a huge page: on a virtual machine that is half of a start.
 */
#ifndef TCPFLUX_HEAP_H
#define TCPFLUX_HEAP_H

/* Makes room for that in huge pages, where the kernel has some. Where not, nothing is worse. */
void heap__reserve(void);

/* Gives back to the kernel what is free. */
void heap__release(void);

#endif
