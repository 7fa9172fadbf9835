/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stand-ins: the small sockets that the kernel has in the place of a whole one, before the
 * handshake is over (requests) and after the connection is (TIME_WAIT). Their records tell little;
 * here they are joined with the transitions of the whole socket, by the cookie that both share:
 *
 *	LISTEN -> NEW_SYN_RECV -> SYN_RECV ...	  a request, and the child that takes its place
 *	LISTEN -> NEW_SYN_RECV -> CLOSE		  a request that nobody completes
 *	... FIN_WAIT2 -> TIME_WAIT -> CLOSE	  what the tracepoint calls FIN_WAIT2 -> CLOSE
 *	... FIN_WAIT2 -> CLOSE			  an orphan whose peer never closes
 */
#ifndef TCPFLUX_STANDINS_H
#define TCPFLUX_STANDINS_H

#include "../transition.h"
#include "event.h"

/* What a record says. Its transition has the state, in `new_state`, and all but durations. */
struct standin_event {
	enum standin_phase phase;
	bool final;	 /* it is gone */
	bool unattended; /* a request whose listener listens no more */
	bool overflow;	 /* a request whose last ACK found the accept queue full */
	uint64_t at;	 /* CLOCK_BOOTTIME, ns */
	struct transition tr;
};

/* Where the rows go that it makes. A negative return is handed on. */
typedef int standins_emit_fn(void *ctx, struct transition *tr);

struct standins;

/* NULL if there is no memory. Keeps what is alive: at most what the kernel keeps. */
struct standins *standins__new(standins_emit_fn *emit, void *ctx);
void standins__free(struct standins *standins); /* safe on NULL */

/* The beginning of TIME_WAIT does not escape notice from `time` on, CLOCK_BOOTTIME in ns. */
void standins__sees_timewait(struct standins *standins, uint64_t time);

/* One record. Returns 0, what emit() returned, or -ENOMEM. */
int standins__on_event(struct standins *standins, const struct standin_event *event);

/*
 * A transition of the tracepoint, at `at`: turns it into what really happened to the connection.
 * `state`: of the stand-in that is known to have taken its place, or 0. Returns 1; 0 if nothing
 * happened, as seen from outside, since a stand-in goes on in the same state; or -ENOMEM.
 */
int standins__join(struct standins *standins, struct transition *tr, uint64_t at, uint8_t state);

/*
 * A timer that stopped may be started again: only when it has not been for a while has its
 * stand-in ended. Emits those that had stopped before `now`, CLOCK_BOOTTIME in ns, less that while,
 * but not more than `most`. Returns as standins__on_event().
 */
int standins__settle(struct standins *standins, uint64_t now, size_t most);

/* Drops those that have shown no sign of life for longer than any can live. */
void standins__forget(struct standins *standins, uint64_t now);

/* Of how many the end was missed, or, though it did not escape notice, the beginning. */
uint64_t standins__missed(const struct standins *standins);

/* Would either of these do anything? */
bool standins__is_due(const struct standins *standins, uint64_t now);

/* When the next one may have ended, CLOCK_BOOTTIME in ns; 0: none has stopped. */
uint64_t standins__next(const struct standins *standins);

#endif
