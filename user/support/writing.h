/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writing to a descriptor whose reader may be slow, or gone. */
#ifndef TCPFLUX_WRITING_H
#define TCPFLUX_WRITING_H

#include <stdbool.h>
#include <stddef.h>

struct writing {
	int fd;
	int stop_fd;
	bool regular; /* a file: writing never waits for a reader */
};

/* The descriptors stay the caller's. stop_fd: see output__new(). */
struct writing writing__to(int fd, int stop_fd);

/* Writes all. Returns 0, or a negative errno when some of it may have been written. */
int writing__all(const struct writing *to, const void *bytes, size_t size);

#endif
