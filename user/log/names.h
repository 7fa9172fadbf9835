/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The names of a log's files, when one follows another, as tcpdump has them. */
#ifndef TCPFLUX_LOG_NAMES_H
#define TCPFLUX_LOG_NAMES_H

#include <stdint.h>

struct names;

/*
 * pattern: the first name; with an interval, what strftime() makes of it. With a size, or where
 * that makes the same again, a number follows; if only so many are kept then the names come again:
 * FILE0 to FILE9. Returns NULL if there is no memory.
 */
struct names *names__new(const char *pattern, uint64_t size, uint64_t interval_ns, uint64_t keep);
void names__free(struct names *names); /* safe on NULL */

const char *names__current(const struct names *names);

/*
 * Goes on to the next. Returns the name of the file that is one too many now, until the next call,
 * or NULL.
 */
const char *names__next(struct names *names);

#endif
