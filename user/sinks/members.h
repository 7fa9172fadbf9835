/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What JSON's objects consist of. */
#ifndef TCPFLUX_MEMBERS_H
#define TCPFLUX_MEMBERS_H

#include <stdbool.h>

#include "../support/format.h"
#include "../transition.h"

/* A string literal with a comma in front of it is a member's name: `,"name":`. */
#define put_name(p, name) format__mem(p, ",\"" name "\":", sizeof(",\"" name "\":") - 1)

static inline char *put_null(char *p)
{
	return format__str(p, "null");
}

static inline char *put_string(char *p, const char *text)
{
	if (!text)
		return put_null(p);
	*p++ = '"';
	p = format__json_escaped(p, text);
	*p++ = '"';
	return p;
}

/* A text that needs no escape. */
static inline char *put_word(char *p, const char *word)
{
	*p++ = '"';
	p = format__str(p, word);
	*p++ = '"';
	return p;
}

static inline char *put_us(char *p, int64_t ns)
{
	return ns == NOT_KNOWN ? put_null(p) : format__us(p, ns);
}

static inline char *put_address(char *p, const struct in6_addr *address, uint8_t family)
{
	*p++ = '"';
	p = format__address(p, address, family);
	*p++ = '"';
	return p;
}

static inline char *put_state(char *p, unsigned int state)
{
	*p++ = '"';
	p = format__state(p, state);
	*p++ = '"';
	return p;
}

static inline char *put_process(char *p, const struct owner *owner)
{
	bool known = owner->how != OWNER_UNKNOWN;

	p = put_name(p, "pid");
	p = known ? format__u64(p, owner->pid) : put_null(p);
	p = put_string(put_name(p, "comm"), known ? owner->comm : NULL);
	p = put_name(p, "uid");
	return known ? format__u64(p, owner->uid) : put_null(p);
}

/* Needs FORMAT_ESCAPE_FACTOR bytes for each of the cgroup's path. */
static inline char *put_owner(char *p, const struct owner *owner)
{
	bool known = owner->how != OWNER_UNKNOWN;

	p = put_process(p, owner);
	p = put_string(put_name(p, "cgroup"), known ? owner->cgroup : NULL);
	return put_word(put_name(p, "owner"), owner_how__name(owner->how));
}

#endif
