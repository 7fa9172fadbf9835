/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Transitions for tests of what analyses them. */
#ifndef TESTS_UNIT_FLOW_H
#define TESTS_UNIT_FLOW_H

#include <arpa/inet.h>

#include "analysis/analysis.h"
#include "support/clock.h"
#include "unit.h"

#define FLOW_START 1772366400000000000ull
#define US	   1000ull
#define MS	   NS_PER_MS
#define S	   NS_PER_S

/* Where the next transition comes from. A step is at `now`, which the test moves. */
struct flow {
	struct analysis analysis;
	struct transition tr; /* what they have in common */
	uint64_t now;	      /* ns since FLOW_START */
};

static inline void flow__begin(struct flow *flow, const struct analysis_options *options)
{
	*flow = (struct flow){
		.tr = {
			.netns = 1,
			.lport = 50000,
			.family = 4,
			.counted = true,
			.life_ns = NOT_KNOWN,
			.owner = { .how = OWNER_SELF, .pid = 7, .comm = "curl" },
		},
	};
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &flow->tr.laddr);
	inet_pton(AF_INET6, "::ffff:10.0.0.1", &flow->tr.raddr);
	assert_int_equal(analysis__init(&flow->analysis, options), 0);
}

/* From here on, of this program. */
static inline void flow__program(struct flow *flow, uint32_t pid, const char *comm)
{
	flow->tr.owner.pid = pid;
	snprintf(flow->tr.owner.comm, sizeof(flow->tr.owner.comm), "%s", comm);
}

static inline void flow__step(struct flow *flow, uint64_t cookie, unsigned int old_state,
			      unsigned int new_state, int64_t state_ns)
{
	struct transition tr = flow->tr;

	tr.time = FLOW_START + flow->now;
	tr.cookie = cookie;
	tr.old_state = old_state;
	tr.new_state = new_state;
	tr.state_ns = state_ns;
	assert_int_equal(analysis__transition(&flow->analysis, &tr), 0);
}

/* A client: connect() takes `connect`, then it is open for `open`, and closes first. */
static inline void flow__client(struct flow *flow, uint64_t cookie, uint64_t connect, uint64_t open)
{
	flow__step(flow, cookie, TCP_CLOSE, TCP_SYN_SENT, NOT_KNOWN);
	flow->now += connect;
	flow__step(flow, cookie, TCP_SYN_SENT, TCP_ESTABLISHED, connect);
	flow->now += open;
	flow__step(flow, cookie, TCP_ESTABLISHED, TCP_FIN_WAIT1, open);
	flow__step(flow, cookie, TCP_FIN_WAIT1, TCP_FIN_WAIT2, 0);
	flow->tr.life_ns = connect + open;
	flow__step(flow, cookie, TCP_FIN_WAIT2, TCP_TIME_WAIT, 0);
	flow->tr.life_ns = NOT_KNOWN;
}

/* A server's side, up to where it is open: the handshake takes `handshake`. */
static inline void flow__accept(struct flow *flow, uint64_t cookie, uint64_t handshake)
{
	flow__step(flow, cookie, TCP_LISTEN, TCP_NEW_SYN_RECV, NOT_KNOWN);
	flow->now += handshake;
	flow__step(flow, cookie, TCP_NEW_SYN_RECV, TCP_SYN_RECV, handshake);
	flow__step(flow, cookie, TCP_SYN_RECV, TCP_ESTABLISHED, 0);
}

/* A connect() that ends with this errno. */
static inline void flow__refused(struct flow *flow, uint64_t cookie, uint16_t error)
{
	flow__step(flow, cookie, TCP_CLOSE, TCP_SYN_SENT, NOT_KNOWN);
	flow->tr.error = error;
	flow__step(flow, cookie, TCP_SYN_SENT, TCP_CLOSE, 10 * US);
	flow->tr.error = 0;
}

static inline void flow__finish(struct flow *flow)
{
	assert_int_equal(analysis__finish(&flow->analysis), 0);
}

#endif
