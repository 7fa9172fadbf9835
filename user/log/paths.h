/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Strings that stay where they are, each kept once: whoever has seen one may keep the pointer. */
#ifndef TCPFLUX_LOG_PATHS_H
#define TCPFLUX_LOG_PATHS_H

#include <stddef.h>

struct paths {
	void *tree; /* see tsearch(3) */
};

/* The kept string of these bytes, which may hold no NUL; NULL if there is no memory. */
const char *paths__keep(struct paths *paths, const void *bytes, size_t size);
void paths__free(struct paths *paths);

#endif
