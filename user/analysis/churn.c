// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "churn.h"

#include "../state.h"
#include "../support/clock.h"

/* Doubled, it becomes round: 31.25 ms, 62.5 ms, 125 ms, 250 ms, 500 ms, 1 s. */
#define WIDTH_MIN (NS_PER_S / 64)

/* With TCP Fast Open a server may close before the handshake is over (tcp_close_state()). */
enum happening happening_of(unsigned int old_state, unsigned int new_state)
{
	switch (old_state) {
	case TCP_SYN_SENT:
		return new_state == TCP_ESTABLISHED ? HAPPENED_ACTIVE
		       : new_state == TCP_CLOSE	    ? HAPPENED_FAILED
						    : HAPPENED_NOTHING;
	case TCP_SYN_RECV:
	case TCP_NEW_SYN_RECV:
		return new_state == TCP_ESTABLISHED || new_state == TCP_FIN_WAIT1 ? HAPPENED_PASSIVE
		       : new_state == TCP_CLOSE					  ? HAPPENED_FAILED
						: HAPPENED_NOTHING;
	case TCP_ESTABLISHED:
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
	case TCP_CLOSE_WAIT:
	case TCP_LAST_ACK:
	case TCP_CLOSING:
		return new_state == TCP_CLOSE || new_state == TCP_TIME_WAIT ? HAPPENED_CLOSED
									    : HAPPENED_NOTHING;
	}
	return HAPPENED_NOTHING;
}

static void merge(struct churn *churn)
{
	for (uint32_t i = 0; i < CHURN_BUCKETS; i++) {
		for (unsigned int what = 0; what < HAPPENINGS; what++) {
			uint64_t count = churn->count[i][what];

			churn->count[i][what] = 0;
			churn->count[i / 2][what] += count;
		}
	}
	churn->width *= 2;
	churn->used = (churn->used + 1) / 2;
}

/* Rows can be a little out of order: what is older than the first is put where that is. */
static uint32_t bucket_of(struct churn *churn, uint64_t time)
{
	uint64_t since;

	if (!churn->width)
		*churn = (struct churn){ .start = time, .width = WIDTH_MIN };
	since = time > churn->start ? time - churn->start : 0;
	while (since / CHURN_BUCKETS >= churn->width)
		merge(churn);
	return since / churn->width;
}

void churn__add(struct churn *churn, uint64_t time, enum happening what)
{
	uint32_t bucket = bucket_of(churn, time);

	if (bucket >= churn->used)
		churn->used = bucket + 1;
	churn->count[bucket][what]++;
	churn->total[what]++;
}
