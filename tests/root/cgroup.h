/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A cgroup of version 2 for a test. */
#ifndef TESTS_ROOT_CGROUP_H
#define TESTS_ROOT_CGROUP_H

struct cgroup {
	char path[512]; /* of its directory */
	char name[256]; /* as /proc/PID/cgroup would show it: from the root of the hierarchy */
};

/* Makes one, or skips the test where that can't be done. It goes with the test. */
struct cgroup cgroup__new(const char *name);
/* Moves the calling process into it. */
void cgroup__enter(const struct cgroup *cgroup);

#endif
