/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPFLUX_TERMINAL_H
#define TCPFLUX_TERMINAL_H

#include <stdbool.h>

/* Is fd a terminal that shows colours, and does its user want any? See no-color.org. */
bool terminal__wants_colour(int fd);

/* Is text UTF-8, by the environment (LC_ALL, LC_CTYPE, LANG)? */
bool terminal__has_utf8(void);

#endif
