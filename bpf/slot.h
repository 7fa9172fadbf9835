/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How the rings lie in the memory that the kernel side, which writes records, shares with the user
 * side, which takes them. A position in a ring is a lap, in its upper half, and the number of a
 * slot: it only ever grows. The first lap is 1, so no position is 0.
 */
#ifndef TCPFLUX_SLOT_H
#define TCPFLUX_SLOT_H

#include "event.h"

#define RING_LAP (1ull << 32)

/* One record. */
struct ring_slot {
	__u64 turn; /* the position that it was written for, once it is complete */
	union {
		struct {
			__u8 type; /* enum event_type */
			__u8 other[15];
			__u64 time; /* by it the reader puts the records of all rings in order */
		};
		struct event_transition transition;
		struct event_standin standin;
	};
};

/* Two cache lines, since two CPUs write them. */
struct ring_ends {
	__u64 head; /* the position of the next record to be written */
	__u64 reserved[7];
	__u64 taken; /* the position of the first one that the user side needs yet */
	__u64 reserved_too[7];
};

_Static_assert(sizeof(struct ring_slot) == 152, "a slot changed its size");
_Static_assert(__builtin_offsetof(struct ring_slot, time) ==
			       __builtin_offsetof(struct ring_slot, transition.time) &&
		       __builtin_offsetof(struct ring_slot, time) ==
			       __builtin_offsetof(struct ring_slot, standin.time),
	       "a record's time is not where it belongs");
_Static_assert(sizeof(struct ring_ends) == 128, "the ends changed their size");

#endif
