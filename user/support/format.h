/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Formatting by hand, for the path that every row takes. Each function writes at p, without a NUL,
 * and returns the place behind; the caller has reserved what the name's constant says and
 * FORMAT_SLACK.
 */
#ifndef TCPFLUX_FORMAT_H
#define TCPFLUX_FORMAT_H

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#define FORMAT_U64_MAX	   20
#define FORMAT_US_MAX	   24 /* microseconds with three decimals */
#define FORMAT_SPAN_MAX	   12
#define FORMAT_ADDRESS_MAX INET6_ADDRSTRLEN
#define FORMAT_TIME_MAX	   30 /* 2026-11-22T14:02:11.123456789Z */

/* One byte escaped takes at most \u00XX, six bytes. */
#define FORMAT_ESCAPE_FACTOR 6

static inline char *format__mem(char *p, const char *text, size_t len)
{
	memcpy(p, text, len);
	return p + len;
}

static inline char *format__str(char *p, const char *text)
{
	return format__mem(p, text, strlen(text));
}

/* Functions may scribble over so many bytes behind what they return. */
#define FORMAT_SLACK 32

/* Blanks up to the column that is `width` behind `start`; at least one. */
char *format__pad(char *p, const char *start, unsigned int width);

char *format__u64(char *p, uint64_t value);

/* Exactly `digits` digits, zeros in front. */
char *format__digits(char *p, uint32_t value, unsigned int digits);

/* Nanoseconds as microseconds with three decimals: 1234567 is 1234.567 */
char *format__us(char *p, uint64_t ns);

/* A span of time for people, three or four digits and a unit: 812ns 31.4us 5.02ms 12.1s 3h12m */
char *format__span(char *p, uint64_t ns);

/* family 4 or 6; IPv4 addresses are the last four bytes. */
char *format__address(char *p, const struct in6_addr *address, unsigned int family);

/* The wall clock, of which all but the last digits stay the same for a second. */
struct format_clock {
	uint64_t second; /* since the epoch; 0: nothing kept yet */
	char text[32];
	size_t len;
};

char *format__utc(char *p, struct format_clock *clock, uint64_t ns);   /* RFC 3339, nanoseconds */
char *format__local(char *p, struct format_clock *clock, uint64_t ns); /* 14:02:11.123456 */

/* A state's name, or UNKNOWN(n). At most STATE_NAME_LEN bytes. */
char *format__state(char *p, unsigned int state);

/*
 * Text from outside, so that no reader and no terminal is misled: C0, DEL, C1 and whatever is not
 * UTF-8 as \xNN, the backslash doubled. At most FORMAT_ESCAPE_FACTOR times as long.
 */
char *format__escaped(char *p, const char *text);

/* The same inside a JSON string; what is not UTF-8 becomes U+FFFD. */
char *format__json_escaped(char *p, const char *text);

#endif
