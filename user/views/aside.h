/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is said on standard error while the terminal has a picture on it: kept for afterwards. */
#ifndef TCPFLUX_ASIDE_H
#define TCPFLUX_ASIDE_H

struct aside;

/* 0 or a negative errno. Where standard error is no terminal, nothing is kept: *aside is NULL. */
int aside__begin(struct aside **aside);

/* Says all of it where it was meant to be said. Safe on NULL. */
void aside__end(struct aside *aside);

/* The last line of it, until the next call; "" if there is none, or on NULL. */
const char *aside__last(struct aside *aside);

#endif
