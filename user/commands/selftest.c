// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "selftest.h"

#include <string.h>

enum { SERVER, CLIENT };

/* The states that each of the sockets enters; the client closes first. */
static const uint8_t listener[] = { TCP_LISTEN, TCP_CLOSE, 0 };
static const uint8_t accepted[] = { TCP_SYN_RECV, TCP_ESTABLISHED, TCP_CLOSE_WAIT,
				    TCP_LAST_ACK, TCP_CLOSE,	   0 };
static const uint8_t connected[] = { TCP_SYN_SENT,  TCP_ESTABLISHED, TCP_FIN_WAIT1,
				     TCP_FIN_WAIT2, TCP_CLOSE,	     0 };

_Static_assert(sizeof(listener) + sizeof(accepted) + sizeof(connected) - SELFTEST_SOCKETS ==
		       SELFTEST_TRANSITIONS,
	       "each table ends with a 0");

void selftest__expect(struct selftest *test, const struct loopback_story *story, bool same_numbers)
{
	struct selftest_owner *owner = test->owner;

	*test = (struct selftest){
		.owner[SERVER] = { same_numbers ? story->server : 0, LOOPBACK_SERVER, 0, 0 },
		.owner[CLIENT] = { same_numbers ? story->client : 0, LOOPBACK_CLIENT, 0, 0 },
		.socket = { { story->listener, &owner[SERVER], listener },
			    { story->accepted, &owner[SERVER], accepted },
			    { story->connected, &owner[CLIENT], connected } },
	};
}

static bool is_owned_by(const struct transition *tr, const struct selftest_owner *owner)
{
	return tr->owner.how != OWNER_UNKNOWN && !strcmp(tr->owner.comm, owner->comm) &&
	       (!owner->pid || (pid_t)tr->owner.pid == owner->pid);
}

/*
 * Phases that only optional probes see (a request, the end of TIME_WAIT) are passed over; and the
 * client's last state may be called TIME_WAIT, after the stand-in that takes its place.
 */
void selftest__note(struct selftest *test, const struct transition *tr)
{
	uint8_t state = tr->new_state == TCP_TIME_WAIT ? TCP_CLOSE : tr->new_state;

	for (int i = 0; i < SELFTEST_SOCKETS; i++) {
		struct selftest_socket *socket = &test->socket[i];

		if (socket->cookie != tr->cookie || !*socket->next || *socket->next != state)
			continue;
		socket->next++;
		socket->owner->seen++;
		socket->owner->wrong += !is_owned_by(tr, socket->owner);
	}
}

unsigned int selftest__seen(const struct selftest *test)
{
	return test->owner[SERVER].seen + test->owner[CLIENT].seen;
}

unsigned int selftest__right_owners(const struct selftest *test)
{
	unsigned int right = 0;

	for (int i = 0; i < SELFTEST_OWNERS; i++)
		right += test->owner[i].seen && !test->owner[i].wrong;
	return right;
}
