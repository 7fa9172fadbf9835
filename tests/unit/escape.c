// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Hostile text. What comes out must be harmless for any input, so most of this is about properties.
 */
#include "unit.h"

#include "support/format.h"

#define TEXT_MAX     64
#define ESCAPED_SIZE (FORMAT_ESCAPE_FACTOR * TEXT_MAX + FORMAT_SLACK + 1)

/*
 * The code point at *s, which moves behind it, or -1 if it is not well-formed UTF-8. Decodes first
 * and judges the result, which is another way than the one under test.
 */
static int32_t next_code_point(const unsigned char **s)
{
	static const int32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = *(*s)++;
	int n = lead < 0x80	  ? 1
		: lead >> 5 == 6  ? 2
		: lead >> 4 == 14 ? 3
		: lead >> 3 == 30 ? 4
				  : 0;
	int32_t code = n == 1 ? lead : lead & (0x7f >> n);

	if (!n)
		return -1;
	for (int i = 1; i < n; i++, ++*s) {
		if (**s >> 6 != 2)
			return -1;
		code = code << 6 | (**s & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return -1;
	return code;
}

static bool is_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s)
		if (next_code_point(&s) < 0)
			return false;
	return true;
}

/* Well-formed UTF-8 without a control character, C0, DEL or C1. */
static bool is_harmless(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		int32_t code = next_code_point(&s);

		if (code < 0x20 || (code >= 0x7f && code < 0xa0))
			return false;
	}
	return true;
}

/* Undoes format__escaped(); false if it is not something that could have come from it. */
static bool unescape(const char *text, char *p)
{
	unsigned int byte;

	while (*text) {
		if (*text != '\\') {
			*p++ = *text++;
		} else if (text[1] == '\\') {
			*p++ = '\\';
			text += 2;
		} else if (sscanf(text, "\\x%2x", &byte) == 1 && byte) {
			*p++ = byte;
			text += 4;
		} else {
			return false;
		}
	}
	*p = '\0';
	return true;
}

/* Undoes format__json_escaped(), as far as JSON's escapes are what it uses. */
static bool json_unescape(const char *text, char *p)
{
	unsigned int code;

	while (*text) {
		if (*text == '"')
			return false; /* it would end the string */
		if (*text != '\\') {
			*p++ = *text++;
		} else if (text[1] == '"' || text[1] == '\\') {
			*p++ = text[1];
			text += 2;
		} else if (sscanf(text, "\\u%4x", &code) == 1) {
			if (code >= 0x800)
				*p++ = 0xe0 | code >> 12;
			if (code >= 0x80)
				*p++ = code >= 0x800 ? 0x80 | (code >> 6 & 0x3f) : 0xc0 | code >> 6;
			*p++ = code >= 0x80 ? 0x80 | (code & 0x3f) : code;
			text += 6;
		} else {
			return false;
		}
	}
	*p = '\0';
	return true;
}

static void fail_on(const char *what, const char *text)
{
	char hex[3 * TEXT_MAX + 1] = "", *p = hex;

	for (; *text; text++)
		p += sprintf(p, " %02x", (unsigned char)*text);
	fail_msg("%s:%s", what, hex);
}

static void check_escaped(const char *text)
{
	char escaped[ESCAPED_SIZE], back[ESCAPED_SIZE];
	size_t most = FORMAT_ESCAPE_FACTOR * strlen(text);
	char *end;

	memset(escaped, '#', sizeof(escaped));
	end = format__escaped(escaped, text);
	if (end > escaped + most || end[FORMAT_SLACK] != '#')
		fail_on("longer than it may be", text);
	*end = '\0';
	if (!is_harmless(escaped))
		fail_on("not harmless", text);
	if (!unescape(escaped, back) || strcmp(back, text))
		fail_on("not to be told from another", text);
}

static void check_json_escaped(const char *text)
{
	char escaped[ESCAPED_SIZE], back[ESCAPED_SIZE];
	size_t most = FORMAT_ESCAPE_FACTOR * strlen(text);
	char *end;

	memset(escaped, '#', sizeof(escaped));
	end = format__json_escaped(escaped, text);
	if (end > escaped + most || end[FORMAT_SLACK] != '#')
		fail_on("JSON: longer than it may be", text);
	*end = '\0';
	if (!is_harmless(escaped))
		fail_on("JSON: not harmless", text);
	if (!json_unescape(escaped, back) || !is_utf8(back))
		fail_on("JSON: not a string", text);
	if (is_utf8(text) && strcmp(back, text))
		fail_on("JSON: another text", text);
}

static void check(const char *text)
{
	check_escaped(text);
	check_json_escaped(text);
}

TEST(test_every_byte)
{
	for (int byte = 1; byte < 256; byte++) {
		check((char[]){ byte, '\0' });
		check((char[]){ 'a', byte, 'b', '\0' });
	}
}

TEST(test_every_two_bytes)
{
	for (int first = 1; first < 256; first++)
		for (int second = 1; second < 256; second++)
			check((char[]){ first, second, '\0' });
}

/* All lead bytes, and behind them the bytes at which something changes. Truncated ones included. */
TEST(test_four_bytes_at_the_borders)
{
	static const unsigned char borders[] = { 0,    1,    0x1f, '"',	 '\\', 'x',  0x7f, 0x80,
						 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xff };

	for (int lead = 1; lead < 256; lead++)
		for (size_t i = 0; i < COUNT(borders); i++)
			for (size_t j = 0; j < COUNT(borders); j++)
				for (size_t k = 0; k < COUNT(borders); k++)
					check((char[]){ lead, borders[i], borders[j], borders[k],
							0 });
}

TEST(test_random)
{
	static const char alphabet[] = "ab\\\"\n\x1b\x7f\x80\x9b\xc2\xc3\xe2\xed\xf0\xf4\xff";
	char text[TEXT_MAX + 1];
	uint64_t seed = 1;

	for (int i = 0; i < 50000; i++) {
		size_t len = unit__random(&seed) % TEXT_MAX;

		for (size_t j = 0; j < len; j++)
			text[j] = i % 2 ? alphabet[unit__random(&seed) % (sizeof(alphabet) - 1)]
					: (char)(unit__random(&seed) % 255 + 1);
		text[len] = '\0';
		check(text);
	}
}

/* What moves the text behind it: marks, embeddings and isolates of bidirectional text, new lines.
 */
static bool is_layout(int32_t code)
{
	return code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

/* Every character there is, as it comes, except for controls and what the format itself uses. */
TEST(test_every_character_passes)
{
	for (int32_t code = 0xa0; code <= 0x10ffff; code++) {
		char text[5] = "", escaped[32 + FORMAT_SLACK];

		if (code >= 0xd800 && code <= 0xdfff)
			continue;
		if (code < 0x800)
			sprintf(text, "%c%c", 0xc0 | code >> 6, 0x80 | (code & 0x3f));
		else if (code < 0x10000)
			sprintf(text, "%c%c%c", 0xe0 | code >> 12, 0x80 | (code >> 6 & 0x3f),
				0x80 | (code & 0x3f));
		else
			sprintf(text, "%c%c%c%c", 0xf0 | code >> 18, 0x80 | (code >> 12 & 0x3f),
				0x80 | (code >> 6 & 0x3f), 0x80 | (code & 0x3f));
		*format__escaped(escaped, text) = '\0';
		if (!strcmp(escaped, text) == is_layout(code))
			fail_on(is_layout(code) ? "not escaped" : "changed", text);
		*format__json_escaped(escaped, text) = '\0';
		if (strcmp(escaped, text))
			fail_on("JSON: changed", text);
	}
}

TEST(test_examples)
{
	static const struct {
		const char *text, *escaped, *json;
	} cases[] = {
		{ "", "", "" },
		{ "nginx", "nginx", "nginx" },
		{ "kworker/0:1-eve", "kworker/0:1-eve", "kworker/0:1-eve" },
		{ " a b ", " a b ", " a b " },
		{ "a\"b,c", "a\"b,c", "a\\\"b,c" },
		{ "a\\b", "a\\\\b", "a\\\\b" },
		{ "\\x41", "\\\\x41", "\\\\x41" },
		{ "a\nb\r\t", "a\\x0ab\\x0d\\x09", "a\\u000ab\\u000d\\u0009" },
		{ "\x1b[31m", "\\x1b[31m", "\\u001b[31m" },
		{ "\x7f", "\\x7f", "\\u007f" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7" },
		/* C1: CSI, which some terminals obey as they do ESC [. */
		{ "\xc2\x9b"
		  "31m",
		  "\\xc2\\x9b31m", "\\u009b31m" },
		{ "\xc2\xa0", "\xc2\xa0", "\xc2\xa0" },
		/* RIGHT-TO-LEFT MARK. */
		{ "\xe2\x80\x8f", "\\xe2\\x80\\x8f", "\xe2\x80\x8f" },
		/* Latin-1, overlong, a surrogate, beyond the last, a byte that never occurs. */
		{ "\xfc", "\\xfc", "\\ufffd" },
		{ "\xc0\xaf", "\\xc0\\xaf", "\\ufffd\\ufffd" },
		{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf", "\\ufffd\\ufffd\\ufffd" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\ufffd\\ufffd\\ufffd" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "\xff", "\\xff", "\\ufffd" },
		/* Cut off, as the kernel cuts a name after 15 bytes. */
		{ "a\xc3", "a\\xc3", "a\\ufffd" },
		{ "a\xe2\x82", "a\\xe2\\x82", "a\\ufffd\\ufffd" },
		{ "\xf0\x9f\x90", "\\xf0\\x9f\\x90", "\\ufffd\\ufffd\\ufffd" },
		{ "\xe2\x82\"", "\\xe2\\x82\"", "\\ufffd\\ufffd\\\"" },
	};
	char text[128];

	for (size_t i = 0; i < COUNT(cases); i++) {
		*format__escaped(text, cases[i].text) = '\0';
		assert_string_equal(text, cases[i].escaped);
		*format__json_escaped(text, cases[i].text) = '\0';
		assert_string_equal(text, cases[i].json);
	}
}

RUN(cmocka_unit_test(test_every_byte), cmocka_unit_test(test_every_two_bytes),
    cmocka_unit_test(test_four_bytes_at_the_borders), cmocka_unit_test(test_random),
    cmocka_unit_test(test_every_character_passes), cmocka_unit_test(test_examples))
