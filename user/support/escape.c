// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Text from outside: a program may call itself anything. */
#include "format.h"

#include <stdbool.h>

static char *put_hex(char *p, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	*p++ = digits[byte >> 4];
	*p++ = digits[byte & 15];
	return p;
}

/* Length of the well-formed UTF-8 sequence at s (Unicode, table 3-7), 0 if it is none. */
static unsigned int utf8_length(const unsigned char *s)
{
	unsigned int n, low = 0x80, high = 0xbf;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0; /* overlong */
	else if (s[0] == 0xed)
		high = 0x9f; /* surrogates */
	else if (s[0] == 0xf0)
		low = 0x90; /* overlong */
	else if (s[0] == 0xf4)
		high = 0x8f; /* beyond U+10FFFF */
	if (s[1] < low || s[1] > high)
		return 0;
	for (unsigned int i = 2; i < n; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return n;
}

/* C1 controls are U+0080 to U+009F; some terminals obey them. */
static bool is_control(const unsigned char *s)
{
	return s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

/*
 * Would it move what stands behind it in the line? U+200E and U+200F, U+2028 to U+202E, U+2066 to
 * U+2069: marks, embeddings and isolates of bidirectional text, and two that begin a new line.
 */
static bool is_layout(const unsigned char *s)
{
	if (s[0] != 0xe2)
		return false;
	if (s[1] == 0x80)
		return s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae);
	return s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9;
}

/* What nearly all names consist of: printable ASCII that no format gives a meaning to. */
static inline bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

char *format__escaped(char *p, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned int n;

	for (; *s; s += n) {
		n = 1;
		if (is_plain(*s)) {
			*p++ = *s;
			continue;
		}
		n = utf8_length(s);
		if (*s == '\\') {
			p = format__str(p, "\\\\");
		} else if (n && !is_control(s) && !is_layout(s)) {
			p = format__mem(p, (const char *)s, n);
		} else {
			n = 1;
			p = put_hex(format__str(p, "\\x"), *s);
		}
	}
	return p;
}

char *format__json_escaped(char *p, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned int n;

	for (; *s; s += n) {
		n = 1;
		if (is_plain(*s)) {
			*p++ = *s;
			continue;
		}
		n = utf8_length(s);
		if (!n) {
			n = 1;
			p = format__str(p, "\\ufffd");
		} else if (is_control(s)) {
			/* C1 controls have their number in the second byte. */
			p = put_hex(format__str(p, "\\u00"), s[n - 1]);
		} else {
			if (*s == '"' || *s == '\\')
				*p++ = '\\';
			p = format__mem(p, (const char *)s, n);
		}
	}
	return p;
}
