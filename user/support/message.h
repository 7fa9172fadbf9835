/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the program says to people, on standard error: one line each, beginning with its name. */
#ifndef TCPFLUX_MESSAGE_H
#define TCPFLUX_MESSAGE_H

__attribute__((format(printf, 1, 2))) void message(const char *fmt, ...);

/* Says that `what` failed because of `err`, a negative errno; returns err, for `return`. */
int message_errno(int err, const char *what);

#endif
