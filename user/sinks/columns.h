/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the formats for people have in common: columns of one width, and the colours of states. */
#ifndef TCPFLUX_COLUMNS_H
#define TCPFLUX_COLUMNS_H

#include <stdbool.h>

#include "../support/format.h"
#include "../transition.h"

/* Widths of the columns, the blank behind each included. */
#define PID_WIDTH   8
#define COMM_WIDTH  16
#define STATE_WIDTH STATE_NAME_LEN

/*
 * Wide enough for any IPv4 address and for short IPv6 ones, [2001:db8::1234]:50000. The first one
 * that is longer widens both columns for good, under a new header, so that lines stay as short as
 * this machine's addresses allow.
 */
#define ADDRESS_WIDTH 24
#define ADDRESS_STEP  8

static inline unsigned int wider_address(unsigned int width)
{
	return (width + ADDRESS_STEP - 1) / ADDRESS_STEP * ADDRESS_STEP;
}

static inline const char *colour_of(unsigned int state)
{
	switch (state) {
	case TCP_ESTABLISHED:
		return "\033[32m"; /* green: it works */
	case TCP_LISTEN:
		return "\033[36m"; /* cyan */
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
	case TCP_NEW_SYN_RECV:
		return "\033[33m"; /* yellow: on the way up */
	case TCP_CLOSE_WAIT:
		return "\033[31m"; /* red: this side has yet to close */
	case TCP_CLOSE:
	case TCP_TIME_WAIT:
		return "\033[90m"; /* grey: over */
	}
	return "\033[34m"; /* blue: on the way down */
}

static inline char *put_left(char *p, const char *text, unsigned int width)
{
	return format__pad(format__str(p, text), p, width);
}

/* At most FORMAT_SLACK; may be none. */
static inline char *put_blanks(char *p, unsigned int count)
{
	memset(p, ' ', FORMAT_SLACK);
	return p + count;
}

static inline char *put_right(char *p, const char *text, unsigned int width)
{
	unsigned int len = strlen(text);

	return format__mem(put_blanks(p, len < width ? width - len : 0), text, len);
}

/* Columns count characters, not bytes: UTF-8's continuation bytes take no place. */
static inline char *put_comm(char *p, const char *comm)
{
	unsigned int width = COMM_WIDTH;
	char *end = format__escaped(p, comm);

	for (const char *c = p; c < end; c++)
		width += (*c & 0xc0) == 0x80;
	return format__pad(end, p, width);
}

static inline char *put_owner(char *p, const struct owner *owner)
{
	if (owner->how == OWNER_UNKNOWN)
		return put_left(put_left(p, "-", PID_WIDTH), "-", COMM_WIDTH);
	p = format__pad(format__u64(p, owner->pid), p, PID_WIDTH);
	return put_comm(p, owner->comm);
}

static inline char *put_endpoint(char *p, const struct in6_addr *address, uint16_t port,
				 uint8_t family)
{
	if (family == 6)
		*p++ = '[';
	p = format__address(p, address, family);
	if (family == 6)
		*p++ = ']';
	*p++ = ':';
	return format__u64(p, port);
}

static inline char *put_coloured(char *p, unsigned int state, bool colour)
{
	if (!colour)
		return format__state(p, state);
	p = format__str(p, colour_of(state));
	p = format__state(p, state);
	return format__str(p, "\033[0m");
}

static inline unsigned int state_width(unsigned int state)
{
	char name[STATE_NAME_LEN + FORMAT_SLACK];

	return state__name_len(state) ?: (unsigned int)(format__state(name, state) - name);
}

#endif
