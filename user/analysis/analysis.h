/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a stream of transitions tells, whether it comes from the kernel or from a log. Memory is
 * bounded by the connections that are open at once, and by how many programs, services and keys
 * differ; not by the length of the stream.
 */
#ifndef TCPFLUX_ANALYSIS_H
#define TCPFLUX_ANALYSIS_H

#include "../tcp_socket.h"
#include "churn.h"
#include "connections.h"
#include "groups.h"
#include "histogram.h"
#include "programs.h"
#include "services.h"
#include "totals.h"

/* From which on something is found, see findings.h. Times in ns, counts of connections. */
struct thresholds {
	uint64_t close_wait_ns;	  /* a socket is in CLOSE_WAIT */
	uint64_t fin_wait_ns;	  /* a socket is in FIN_WAIT1 or FIN_WAIT2 */
	uint64_t slow_connect_ns; /* in SYN_SENT, before ESTABLISHED */
	uint64_t time_wait;	  /* at once, to one destination */
	uint64_t failed;	  /* connects to one destination */
	uint64_t half_open;	  /* that never complete, of one listener */
	uint64_t brief;		  /* shorter than their handshake, with one service */
};

extern const struct thresholds thresholds_default;

/*
 * A connection has ended by this transition, as far as its processes are concerned, or failed. 0,
 * or a negative errno, which ends the analysis.
 */
typedef int connection_ended_fn(void *ctx, const struct connection *connection,
				const struct transition *tr);

/* It was established by this transition. Returns likewise. */
typedef int connection_opened_fn(void *ctx, struct connection *connection,
				 const struct transition *tr);

/* By this transition its owner is known better than before, perhaps. */
typedef void connection_owned_fn(void *ctx, const struct connection *connection,
				 const struct transition *tr);

/* It is not followed any more, however that came. */
typedef void connection_forgotten_fn(void *ctx, const struct connection *connection);

struct analysis_options {
	struct thresholds thresholds;
	unsigned int by[GROUP_KEYS]; /* enum group_key */
	unsigned int by_count;	     /* 0: no groups */
	uint32_t services_most;	     /* no more are told apart; 0: all are */
	/*
	 * NULL: nobody wants to know. Where there are no groups, a connection's number of its group
	 * belongs to those who are told.
	 */
	connection_opened_fn *opened;
	connection_owned_fn *owned;
	connection_ended_fn *ended;
	connection_forgotten_fn *forgotten;
	void *ctx;
};

struct analysis {
	struct analysis_options options;
	uint64_t first, last; /* times seen, ns since the epoch; 0: none */
	uint64_t *ended;      /* the last, by captures; see struct origin */
	uint32_t captures;
	struct totals totals;
	uint64_t matrix[STATE_COUNT][STATE_COUNT]; /* old, new; [0]: a state that is not one */
	struct churn churn;
	struct histogram connect;		/* SYN_SENT to ESTABLISHED, ns */
	struct histogram handshake;		/* NEW_SYN_RECV to ESTABLISHED, ns */
	struct histogram life;			/* of connections that were open, ns */
	struct histogram in_state[STATE_COUNT]; /* ns */
	struct connections connections;
	struct services services;
	struct programs programs;
	struct groups groups;
	uint64_t open;	    /* connections that have not ended; after analysis__finish() */
	uint64_t last_loss; /* ns since the epoch; 0: none */
	bool finished;	    /* there is no more */
};

/* 0 or -ENOMEM. Free it in any case. */
int analysis__init(struct analysis *analysis, const struct analysis_options *options);
void analysis__free(struct analysis *analysis);

/* 0, or a negative errno: -ENOMEM, -EOVERFLOW, or what options->ended said. Then it is over. */
int analysis__transition(struct analysis *analysis, const struct transition *tr);

void analysis__loss(struct analysis *analysis, const struct loss *loss);

/*
 * A socket that there is at this time, ns since the epoch, perhaps without a transition so far. 0
 * or -ENOMEM. *found: its connection, if it is an open one that was not known before; or NULL.
 */
int analysis__socket(struct analysis *analysis, const struct tcp_socket *socket, uint64_t time,
		     struct connection **found);

/*
 * What is open at this time, ns since the epoch, is counted as such, as by analysis__finish(); but
 * there may be more, and another look counts anew. For an analysis without groups. 0 or -ENOMEM.
 */
int analysis__look(struct analysis *analysis, uint64_t time);

/* What findings follow from is counted from here on, as if nothing had been before. */
void analysis__forget_past(struct analysis *analysis);

/* There is no more: what is open is counted as such. 0 or -ENOMEM. */
int analysis__finish(struct analysis *analysis);

/* Which side closed first, of the connections that were closed. */
struct closers {
	uint64_t here, peer;
	uint64_t neither; /* no FIN: a reset, a timeout */
};

void analysis__closers(const struct analysis *analysis, struct closers *closers);

#endif
