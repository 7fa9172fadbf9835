/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Just enough of a strict JSON reader to judge JSON Lines. */
#ifndef TESTS_ROOT_JSON_H
#define TESTS_ROOT_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* Is it one JSON value of RFC 8259, in well-formed UTF-8? `line` ends at '\n' or NUL. */
bool json__is_valid(const char *line);

/*
 * The value of a member of the object in this line, as it is written there, strings without their
 * quotes. Returns false if there is none or it does not fit.
 */
bool json__member(const char *line, const char *name, char *value, size_t size);
bool json__member_is(const char *line, const char *name, const char *value);

/* The line after this one; NULL: there is none. */
const char *json__next(const char *line);

#endif
