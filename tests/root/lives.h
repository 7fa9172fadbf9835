/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whole lives of connections, those phases included that the tracepoint does not show: traced by
 * the best means that this kernel has, and at the same time without fentry.
 */
#ifndef TESTS_ROOT_LIVES_H
#define TESTS_ROOT_LIVES_H

#include "trace.h"

#define LIVES_TRACERS 2

struct lives {
	struct trace tracer[LIVES_TRACERS];
	const struct capture *capture[LIVES_TRACERS]; /* after lives__stop() */
};

struct lives lives__start(void);
void lives__stop(struct lives *lives);

#define each_capture(lives, c)                                                                     \
	for (size_t i_ = 0; i_ < LIVES_TRACERS && ((c) = (lives)->capture[i_]); i_++)

/* Does it show the peer's FIN to an orphan when it comes? Not without fentry before Linux 6.11. */
bool lives__see_fin(const struct capture *capture);

/* How many sockets of this namespace are in TIME_WAIT, or orphans in FIN_WAIT2; until there are
 * none. */
unsigned int lives__timewait(void);
void lives__wait_timewait(unsigned int seconds);

/*
 * The rows of this connection's end form one path through RFC 9293's diagram, until CLOSE, and
 * none is inferred. TIME_WAIT took its time.
 */
#define assert_life(capture, cookie) lives__check(capture, cookie, __FILE__, __LINE__)
void lives__check(const struct capture *capture, uint64_t cookie, const char *file, int line);

#endif
