/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The network namespaces that this process can reach, and going there and back. */
#ifndef TCPFLUX_NAMESPACES_H
#define TCPFLUX_NAMESPACES_H

#include <stdint.h>

/* fd: the namespace, open until the call returns. A negative return ends the search. */
typedef int namespace_fn(void *ctx, int fd, uint32_t inode);

/*
 * Calls fn once for each: those of all processes and those that are mounted somewhere, as `ip
 * netns` does. The caller's own comes first. One that vanishes meanwhile is passed over.
 * *hidden: how many processes don't let theirs be looked at (that takes CAP_SYS_PTRACE, if they
 * have other rights than the caller).
 * Returns 0, fn's negative return, or a negative errno.
 */
int namespaces__each(namespace_fn *fn, void *ctx, unsigned int *hidden);

/* The caller's namespace, open, to return to, or a negative errno. *inode: its number; may be NULL.
 */
int namespaces__home(uint32_t *inode);

/* Takes the calling thread there: CAP_SYS_ADMIN. Returns 0 or a negative errno. */
int namespaces__enter(int fd);

#endif
