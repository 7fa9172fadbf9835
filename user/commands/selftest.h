/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Is a connection whose every step is known seen as it happened? For `check`. */
#ifndef TCPFLUX_SELFTEST_H
#define TCPFLUX_SELFTEST_H

#include "../support/loopback.h"
#include "../transition.h"

#define SELFTEST_TRANSITIONS 12
#define SELFTEST_OWNERS	     2
#define SELFTEST_SOCKETS     3

struct selftest_owner {
	pid_t pid; /* 0: any */
	const char *comm;
	unsigned int seen;  /* transitions of its sockets */
	unsigned int wrong; /* those of them that were said to be another's */
};

struct selftest_socket {
	uint64_t cookie;
	struct selftest_owner *owner;
	const uint8_t *next; /* the states that it shall yet enter, in order; ends with 0 */
};

struct selftest {
	struct selftest_owner owner[SELFTEST_OWNERS];
	struct selftest_socket socket[SELFTEST_SOCKETS];
};

/*
 * What shall be seen of a connection. same_numbers: are the story's process numbers those of the
 * initial pid namespace, which transitions have?
 */
void selftest__expect(struct selftest *test, const struct loopback_story *story, bool same_numbers);

/* Takes a transition into account, whosoever it is. */
void selftest__note(struct selftest *test, const struct transition *tr);

/* How many of the transitions came, and how many owners are right in all of theirs. */
unsigned int selftest__seen(const struct selftest *test);
unsigned int selftest__right_owners(const struct selftest *test);

#endif
