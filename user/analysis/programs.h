/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs with sockets that stayed too long in a state that is meant to be short. */
#ifndef TCPFLUX_PROGRAMS_H
#define TCPFLUX_PROGRAMS_H

#include "../transition.h"
#include "keys.h"

struct stuck {
	uint64_t count;
	uint64_t still;	  /* of them, those that were there at the end */
	uint64_t longest; /* ns */
};

struct program {
	struct stuck close_wait;
	struct stuck fin_wait;
};

/* All zero is an empty one. */
struct programs {
	struct keys names;
	struct program *list; /* by number */
	uint32_t used;	      /* of the list */
};

/*
 * The program of this name, which is at most OWNER_COMM_LEN bytes with its NUL; "" is nobody's.
 * NULL: no memory. It stays where it is until the next one is asked for.
 */
struct program *programs__get(struct programs *programs, const char *comm);

const char *programs__name(const struct programs *programs, uint32_t number);
void programs__free(struct programs *programs);

/* One more, that was there for so long. */
void stuck__add(struct stuck *stuck, uint64_t ns, bool still);

/* Those that were still there are not counted any more. */
void stuck__forget_still(struct stuck *stuck);

#endif
