/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the views of a report have in common: small things printed. */
#ifndef TCPFLUX_PRINT_H
#define TCPFLUX_PRINT_H

#include <stdio.h>

#include "../analysis/groups.h"
#include "../analysis/services.h"
#include "../support/format.h"

/* Texts from outside: as JSON's string with its quotes, inside HTML, and for people. */
void print_json_string(FILE *to, const char *text);
void print_html(FILE *to, const char *text);
void print_escaped(FILE *to, const char *text);

/* The last, and blanks up to so many characters, at least one. */
void print_padded(FILE *to, const char *text, unsigned int width);

/* Room for a span, a time, a state's name, an address with brackets and port. */
#define PRINT_MAX (FORMAT_ADDRESS_MAX + 16 + FORMAT_SLACK)

/* They write to `text`, of PRINT_MAX bytes, and return it. */
const char *span_text(char *text, uint64_t ns);		/* 31.4us */
const char *time_text(char *text, uint64_t ns);		/* RFC 3339 */
const char *state_text(char *text, unsigned int state); /* UNKNOWN for 0 */
const char *address_text(char *text, const struct in6_addr *address, unsigned int family);
const char *endpoint_text(char *text, const struct service_name *service); /* with the port */
const char *bytes_text(char *text, uint64_t bytes);			   /* 1.2M */

/*
 * What a group has of a key, without a name: "-" where it is not known. A text from outside is not
 * copied but returned, to be escaped.
 */
const char *group_value(char *text, const struct groups *groups, const struct group_name *name,
			enum group_key key);

#endif
