/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which network namespaces can be reached, for the maps of bpf/totals.bpf.c. */
#ifndef TCPFLUX_REACH_H
#define TCPFLUX_REACH_H

#include "census.h"

/* What has become of namespaces since the last time. */
struct reach_changes {
	bool gone;  /* some can't be reached any more */
	bool found; /* some can be of which nothing has been heard before */
};

/*
 * Puts those that can be reached now into the map `seen`, and of what is there the others into the
 * map `gone`; one that is there again, back. seen, gone: descriptors. Returns 0 or a negative errno
 * (-ENOPROTOOPT: before Linux 5.14, see struct cookies).
 */
int reach__update(struct census *census, int seen, int gone, struct reach_changes *changes);

#endif
