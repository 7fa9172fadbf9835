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
void opened__add(struct opened *opened, unsigned int old_state, unsigned int new_state,
		 uint64_t count)
{
	if (new_state == TCP_CLOSE) {
		if (old_state == TCP_SYN_SENT || old_state == TCP_SYN_RECV)
			opened->failed += count;
		else if (is_open(old_state))
			opened->closed += count;
	} else if (old_state == TCP_SYN_SENT && new_state == TCP_ESTABLISHED) {
		opened->active += count;
	} else if (old_state == TCP_SYN_RECV &&
		   (new_state == TCP_ESTABLISHED || new_state == TCP_FIN_WAIT1)) {
		opened->passive += count;
	}
}

uint64_t opened__sum(const struct opened *opened)
{
	return opened->active + opened->passive + opened->closed + opened->failed;
}

void counts__opened(const struct counts *counts, struct opened *opened)
{
	*opened = (struct opened){};
	for (unsigned int old = 1; old < STATE_COUNT; old++)
		for (unsigned int new = 1; new < STATE_COUNT; new ++)
			opened__add(opened, old, new, counts->moved[old][new]);
}

static uint64_t rate(uint64_t count, uint64_t ns)
{
	return ns ? (uint64_t)(count * (NS_PER_S * 1e3 / ns) + 0.5) : 0;
}

struct opened opened__rates(const struct opened *opened, uint64_t ns)
{
	return (struct opened){
		.active = rate(opened->active, ns),
		.passive = rate(opened->passive, ns),
		.closed = rate(opened->closed, ns),
		.failed = rate(opened->failed, ns),
	};
}

void counts__rates(const struct counts *before, const struct counts *after, struct opened *rates)
{
	struct opened from, to;

	counts__opened(before, &from);
	counts__opened(after, &to);
	to.active -= from.active;
	to.passive -= from.passive;
	to.closed -= from.closed;
	to.failed -= from.failed;
	*rates = opened__rates(&to, after->at - before->at);
}

void counts__totals(const struct counts *counts, struct totals *totals)
{
	*totals = (struct totals){ .lost = counts->lost };
	for (unsigned int old = 0; old < STATE_COUNT; old++)
		for (unsigned int new = 0; new < STATE_COUNT; new ++)
			totals__add_many(totals, old, new, counts->moved[old][new]);
}
