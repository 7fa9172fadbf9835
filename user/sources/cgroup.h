/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths of cgroups by their number, which is the inode of their directory (cgroup v2). */
#ifndef TCPFLUX_CGROUP_H
#define TCPFLUX_CGROUP_H

#include <stdint.h>

struct cgroups;

/* NULL if there is no memory. */
struct cgroups *cgroups__new(void);
void cgroups__free(struct cgroups *cgroups);

/*
 * The path below the hierarchy's root, as in "/system.slice/nginx.service", or NULL if there is no
 * such cgroup (any more). The hierarchy is walked when a number is asked for the first time.
 * The string lives as long as `cgroups`.
 */
const char *cgroups__path(struct cgroups *cgroups, uint64_t id);

/* A directory that is the root of the hierarchy, or NULL. Lives as long as `cgroups`. */
const char *cgroups__root(const struct cgroups *cgroups);

#endif
