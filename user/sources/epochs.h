/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The counters of bpf/totals.bpf.c, epoch after epoch. An epoch begins with a census; what the
 * counters have said by then must be what it finds.
 */
#ifndef TCPFLUX_EPOCHS_H
#define TCPFLUX_EPOCHS_H

#include <stdbool.h>
#include <stdint.h>

#include "../analysis/counts.h"
#include "reach.h"

struct totals_bpf;
struct lanes;
struct epochs;

/*
 * The object is loaded, for so many CPUs. With the first census its lanes begin, with the end they
 * end. NULL: errno tells why.
 */
struct epochs *epochs__new(struct totals_bpf *skel, struct lanes *lanes, unsigned int cpus);
void epochs__free(struct epochs *epochs); /* safe on NULL */

/* Walks over all sockets; 0 or a negative errno. */
typedef int epochs_walk_fn(void *ctx);

/* Lets programs ask anew whether a namespace counts: some have gone, or are there again. */
void epochs__ask_anew(struct epochs *epochs);

/*
 * Begins an epoch, the first one or another; about so many sockets are to be expected. Returns 0 or
 * a negative errno; then the numbers go on as they were. With namespaces that are gone, sockets
 * that their processes have left are missing; with those that are found, others come: that is no
 * drift.
 */
int epochs__census(struct epochs *epochs, uint64_t sockets, const struct reach_changes *changes,
		   epochs_walk_fn *walk, void *ctx);

/* Nothing is counted any more, and all that was begun is. */
void epochs__end(struct epochs *epochs);

/* Fills in what the counters tell: states, without stand-ins; moved; drift. */
void epochs__read(struct epochs *epochs, struct counts *counts);

/* Of each state: by how much the counters exceeded what the last census found. */
const int64_t *epochs__difference(const struct epochs *epochs);

#endif
