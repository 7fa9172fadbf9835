/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an analysis learns by following each connection; a part of analysis.c. */
#ifndef TCPFLUX_FOLLOW_H
#define TCPFLUX_FOLLOW_H

#include "analysis.h"

/* `what` is happening_of() the transition, whose states differ. 0 or a negative errno. */
int follow__transition(struct analysis *a, const struct transition *tr, enum happening what);

/* For the table of connections; ctx: the struct analysis. */
connection_gone_fn follow__is_gone;

/* Is a connection open in this state? */
bool follow__is_open(unsigned int state);

/* A socket of `comm` was in this state for so long, or is so still: too long? 0 or -ENOMEM. */
int follow__note_stuck(struct analysis *a, const char *comm, unsigned int state, uint64_t ns,
		       bool still);

#endif
