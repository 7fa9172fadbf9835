// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "counts.h"

#include "../support/clock.h"

const unsigned char counted_states[COUNTED_STATES] = {
	TCP_LISTEN,    TCP_SYN_SENT,  TCP_SYN_RECV,   TCP_ESTABLISHED, TCP_FIN_WAIT1,
	TCP_FIN_WAIT2, TCP_TIME_WAIT, TCP_CLOSE_WAIT, TCP_LAST_ACK,    TCP_CLOSING,
};

static bool is_open(unsigned int state)
{
	return state != TCP_LISTEN && state != TCP_SYN_SENT && state != TCP_SYN_RECV &&
	       state != TCP_CLOSE;
}

/*
 * With TCP Fast Open a server may close before the handshake is over (tcp_close_state()). What two
 * sides open at the same moment goes through SYN_RECV, and counts as passive.
 */
void counts__opened(const struct counts *counts, struct opened *opened)
{
	const uint64_t(*moved)[STATE_COUNT] = counts->moved;

	*opened = (struct opened){
		.active = moved[TCP_SYN_SENT][TCP_ESTABLISHED],
		.passive = moved[TCP_SYN_RECV][TCP_ESTABLISHED] +
			   moved[TCP_SYN_RECV][TCP_FIN_WAIT1],
		.failed = moved[TCP_SYN_SENT][TCP_CLOSE] + moved[TCP_SYN_RECV][TCP_CLOSE],
	};
	for (unsigned int state = 1; state < STATE_COUNT; state++)
		if (is_open(state))
			opened->closed += moved[state][TCP_CLOSE];
}

static uint64_t rate(uint64_t before, uint64_t after, uint64_t ns)
{
	return ns ? (uint64_t)((after - before) * (NS_PER_S * 1e3 / ns) + 0.5) : 0;
}

void counts__rates(const struct counts *before, const struct counts *after, struct opened *rates)
{
	uint64_t ns = after->at - before->at;
	struct opened from, to;

	counts__opened(before, &from);
	counts__opened(after, &to);
	*rates = (struct opened){
		.active = rate(from.active, to.active, ns),
		.passive = rate(from.passive, to.passive, ns),
		.closed = rate(from.closed, to.closed, ns),
		.failed = rate(from.failed, to.failed, ns),
	};
}

void counts__totals(const struct counts *counts, struct totals *totals)
{
	*totals = (struct totals){ .lost = counts->lost };
	for (unsigned int old = 0; old < STATE_COUNT; old++)
		for (unsigned int new = 0; new < STATE_COUNT; new ++)
			totals__add_many(totals, old, new, counts->moved[old][new]);
}
