/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a line about a transition or a stand-in can say, and where it stands in the wire record. */
#ifndef TESTS_GOLDEN_RECORD_H
#define TESTS_GOLDEN_RECORD_H

#include "event.h"
#include "lines.h"

/* A transition as the ring has it; the number of its cgroup is a pointer to the path. */
struct record {
	struct event_transition event;
	const char *cgroup;
	struct event_standin standin; /* only what a transition does not have */
};

extern const struct word_field record_fields[], standin_fields[];

/* Takes what a stand-in has in common with a transition from there. */
void record__complete_standin(struct record *record);

#endif
