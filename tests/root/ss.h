/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ss(8), the judge of what tcpflux says of sockets. */
#ifndef TESTS_ROOT_SS_H
#define TESTS_ROOT_SS_H

/* The kernel's number of the state at the beginning of a line; 0: ss knows no such. */
int ss__state(const char *line);

#endif
