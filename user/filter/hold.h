/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Transitions that a filter could not decide on wait here for the next one of their socket. */
#ifndef TCPFLUX_HOLD_H
#define TCPFLUX_HOLD_H

#include "../transition.h"

struct hold;

/* NULL if there is no memory. */
struct hold *hold__new(void);
void hold__free(struct hold *hold);

/* Keeps a copy, in place of an older one of the same socket. 0, -ENOMEM, or -ENOSPC: too many. */
int hold__put(struct hold *hold, const struct transition *tr);

/* Moves what is kept of the socket with this cookie to *tr; false if there is nothing. */
bool hold__take(struct hold *hold, uint64_t cookie, struct transition *tr);

#endif
