/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connections of many kinds, one of each, for tests that compare what is told of them. */
#ifndef TESTS_ROOT_SCENE_H
#define TESTS_ROOT_SCENE_H

#include "net.h"
#include "peer.h"
#include "wire.h"

#define SCENE_PORT 7300 /* and some above it: those of its listeners */

struct scene {
	struct peer worker;
	struct pair early; /* from before the trace */
	int listener;	   /* the same */
	struct wire wire;  /* only if it is wired */
	uint64_t begun;	   /* ns since the epoch */
};

/* What is there first, and what the rest needs. `wired`: with half-open connections. */
struct scene scene__set(bool wired);

/* The rest, until all of it has ended. */
void scene__play(struct scene *scene);

#endif
