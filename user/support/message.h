/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the program says to people, on standard error: beginning with its name, one line each but
 * for message_at(). */
#ifndef TCPFLUX_MESSAGE_H
#define TCPFLUX_MESSAGE_H

#include <stddef.h>

__attribute__((format(printf, 1, 2))) void message(const char *fmt, ...);

/* Says that `what` failed because of `err`, a negative errno; returns err, for `return`. */
int message_errno(int err, const char *what);

/*
 * Says what was expected at an offset of a text, shows the text, or what of it is near, and points
 * there.
 */
void message_at(const char *what, const char *problem, const char *text, size_t at);

#endif
