/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The namespaces that nobody can reach any more, see bpf/totals.bpf.c. */
#ifndef TCPFLUX_GONE_H
#define TCPFLUX_GONE_H

#include "census.h"

/*
 * Looks which of the namespaces in the map `seen` are still there, and moves the others to the map
 * `gone`; one that is there again, back. seen, gone: descriptors. Returns how many have gone since
 * the last time, or a negative errno.
 */
int gone__update(struct census *census, int seen, int gone);

#endif
