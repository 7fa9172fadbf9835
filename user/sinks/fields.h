/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What CSV's rows consist of. */
#ifndef TCPFLUX_FIELDS_H
#define TCPFLUX_FIELDS_H

#include "../support/format.h"
#include "../transition.h"

/* Every field but the first begins with its comma. An empty field is a null. */
static inline char *comma(char *p)
{
	*p++ = ',';
	return p;
}

/* Quotes are doubled; line ends and escape sequences, which quotes can't tame, are escaped. */
static inline char *put_text(char *p, const char *text)
{
	char *escaped, *end;
	size_t len;

	if (!text)
		return p;
	if (!strpbrk(text, "\","))
		return format__escaped(p, text);
	*p++ = '"';
	/* Escape further back, then copy forward: a quote grows to two bytes at most. */
	escaped = p + strlen(text);
	end = format__escaped(escaped, text);
	for (len = end - escaped; len--; *p++ = *escaped++)
		if (*escaped == '"')
			*p++ = '"';
	*p++ = '"';
	return p;
}

/* pid, comm and uid. */
static inline char *put_process(char *p, const struct owner *owner)
{
	if (owner->how == OWNER_UNKNOWN)
		return format__str(p, ",,,");
	p = format__u64(comma(p), owner->pid);
	p = put_text(comma(p), owner->comm);
	return format__u64(comma(p), owner->uid);
}

/* Needs FORMAT_ESCAPE_FACTOR bytes for each of the cgroup's path. */
static inline char *put_owner(char *p, const struct owner *owner)
{
	p = comma(put_process(p, owner));
	if (owner->how != OWNER_UNKNOWN)
		p = put_text(p, owner->cgroup);
	return format__str(comma(p), owner_how__name(owner->how));
}

#endif
