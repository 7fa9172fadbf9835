// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Numbers, spans and times, formatted by hand, against the C library where it has the same. */
#include "unit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "support/format.h"

#define US 1000ull
#define MS 1000000ull
#define S  1000000000ull
#define H  (3600 * S)
#define D  (24 * H)

/* Room for the longest text and for what may be scribbled over behind it, and some more. */
#define TEXT_SIZE 128

/* Ends the text, and checks that nothing was written further behind it than is allowed. */
static void end_text(char *text, char *end)
{
	assert_in_range(end - text, 0, TEXT_SIZE - FORMAT_SLACK - 1);
	for (char *c = end + FORMAT_SLACK; c < text + TEXT_SIZE; c++)
		assert_int_equal(*c, '#');
	*end = '\0';
}

TEST(test_u64)
{
	static const uint64_t values[] = { 0, 1, 9, 10, 11, 99, 100, 65535, UINT32_MAX, INT64_MAX };
	uint64_t seed = 1, value;
	char text[TEXT_SIZE], expected[64];

	for (size_t i = 0; i < 100000; i++) {
		value = i < COUNT(values) ? values[i]
			: i < 1000	  ? UINT64_MAX - (i - COUNT(values))
					  : unit__random(&seed) >> i % 64;
		memset(text, '#', sizeof(text));
		end_text(text, format__u64(text, value));
		snprintf(expected, sizeof(expected), "%" PRIu64, value);
		assert_string_equal(text, expected);
		assert_in_range(strlen(text), 1, FORMAT_U64_MAX);
	}
}

TEST(test_digits)
{
	static const struct {
		uint32_t value;
		unsigned int digits;
		const char *text;
	} cases[] = {
		{ 0, 1, "0" },	   { 0, 3, "000" },	   { 7, 2, "07" },
		{ 999, 3, "999" }, { 42, 9, "000000042" }, { UINT32_MAX, 10, "4294967295" },
		{ 5, 0, "" },
	};
	char text[TEXT_SIZE];

	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(text, '#', sizeof(text));
		end_text(text, format__digits(text, cases[i].value, cases[i].digits));
		assert_string_equal(text, cases[i].text);
	}
}

TEST(test_us)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0.000" },
		{ 1, "0.001" },
		{ 999, "0.999" },
		{ 1000, "1.000" },
		{ 1001, "1.001" },
		{ 1234567, "1234.567" },
		{ INT64_MAX, "9223372036854775.807" },
		{ UINT64_MAX, "18446744073709551.615" },
	};
	char text[TEXT_SIZE];

	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(text, '#', sizeof(text));
		end_text(text, format__us(text, cases[i].ns));
		assert_string_equal(text, cases[i].text);
		assert_in_range(strlen(text), 1, FORMAT_US_MAX);
	}
}

/* Each unit, and both sides of every place where the form changes. Nothing is rounded up. */
static const struct {
	uint64_t ns;
	const char *text;
} spans[] = {
	{ 0, "0ns" },
	{ 1, "1ns" },
	{ 812, "812ns" },
	{ 999, "999ns" },
	{ US, "1.00us" },
	{ 1009, "1.00us" },
	{ 1010, "1.01us" },
	{ 9999, "9.99us" },
	{ 10 * US, "10.0us" },
	{ 31400, "31.4us" },
	{ 99999, "99.9us" },
	{ 100 * US, "100us" },
	{ MS - 1, "999us" },
	{ MS, "1.00ms" },
	{ 5020 * US, "5.02ms" },
	{ 10 * MS - 1, "9.99ms" },
	{ 10 * MS, "10.0ms" },
	{ 100 * MS - 1, "99.9ms" },
	{ 100 * MS, "100ms" },
	{ S - 1, "999ms" },
	{ S, "1.00s" },
	{ 10 * S - 1, "9.99s" },
	{ 10 * S, "10.0s" },
	{ 12100 * MS, "12.1s" },
	{ 60 * S, "60.0s" },
	{ 100 * S - 1, "99.9s" },
	{ 100 * S, "1m40s" },
	{ 119 * S, "1m59s" },
	{ 120 * S - 1, "1m59s" },
	{ 120 * S, "2m00s" },
	{ 600 * S, "10m00s" },
	{ H - 1, "59m59s" },
	{ H, "60m00s" },
	{ 6000 * S - 1, "99m59s" },
	{ 6000 * S, "1h40m" },
	{ 2 * H - 1, "1h59m" },
	{ 2 * H, "2h00m" },
	{ 3 * H + 12 * 60 * S, "3h12m" },
	{ D, "24h00m" },
	{ 100 * H - 1, "99h59m" },
	{ 100 * H, "4d04h" },
	{ 5 * D - 1, "4d23h" },
	{ 5 * D, "5d00h" },
	{ 365 * D + H, "365d01h" },
	{ INT64_MAX, "106751d23h" },
	{ UINT64_MAX, "213503d23h" },
};

TEST(test_span)
{
	char text[TEXT_SIZE];

	for (size_t i = 0; i < COUNT(spans); i++) {
		memset(text, '#', sizeof(text));
		end_text(text, format__span(text, spans[i].ns));
		assert_string_equal(text, spans[i].text);
	}
}

TEST(test_span_fits)
{
	uint64_t seed = 1;
	char text[TEXT_SIZE];

	for (int i = 0; i < 100000; i++) {
		memset(text, '#', sizeof(text));
		end_text(text, format__span(text, unit__random(&seed) >> i % 64));
		assert_in_range(strlen(text), 3, FORMAT_SPAN_MAX);
	}
}

TEST(test_pad)
{
	static const struct {
		const char *text;
		unsigned int width;
		const char *padded;
	} cases[] = {
		{ "", 0, " " },
		{ "", 1, " " },
		{ "", 4, "    " },
		{ "ab", 4, "ab  " },
		{ "abc", 48, "abc                                             " },
		{ "abc", 4, "abc " },
		{ "abcd", 4, "abcd " },
		{ "abcdef", 4, "abcdef " },
	};
	char text[TEXT_SIZE];

	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(text, '#', sizeof(text));
		end_text(text, format__pad(format__str(text, cases[i].text), text, cases[i].width));
		assert_string_equal(text, cases[i].padded);
	}
}

/* The same clock throughout: what it keeps of the last second must never show in another. */
static void check_utc(struct format_clock *clock, uint64_t ns)
{
	char text[TEXT_SIZE], expected[64], second[32];
	time_t seconds = ns / S;
	struct tm tm;

	memset(text, '#', sizeof(text));
	end_text(text, format__utc(text, clock, ns));
	gmtime_r(&seconds, &tm);
	strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(expected, sizeof(expected), "%s.%09uZ", second, (unsigned int)(ns % S));
	assert_string_equal(text, expected);
	assert_int_equal(strlen(text), FORMAT_TIME_MAX);
}

TEST(test_utc)
{
	static const uint64_t seconds[] = {
		0,	    1,		59,
		60,	    86399,	86400,
		951782399,  951782400, /* 2000-02-29 */
		951868799,  951868800,	1772366400,
		1709164799, 1709164800, 2147483647,
		2147483648, 4107542399, 4107542400, /* 2100-03-01, without a 29 February before */
		4294967295, 4294967296, UINT64_MAX / S - 1,
	};
	struct format_clock clock = {};
	uint64_t seed = 1;

	for (size_t i = 0; i < COUNT(seconds); i++) {
		check_utc(&clock, seconds[i] * S);
		check_utc(&clock, seconds[i] * S + 1);
		check_utc(&clock, seconds[i] * S + S - 1);
		check_utc(&clock, seconds[i] * S + 500 * MS);
		check_utc(&(struct format_clock){}, seconds[i] * S);
	}
	for (int i = 0; i < 20000; i++)
		check_utc(&clock, unit__random(&seed));
	check_utc(&clock, UINT64_MAX);
	/* Back again: a wall clock may be set. */
	check_utc(&clock, 0);
}

TEST(test_utc_text)
{
	struct format_clock clock = {};
	char text[TEXT_SIZE];

	*format__utc(text, &clock, 1795356131123456789) = '\0';
	assert_string_equal(text, "2026-11-22T14:02:11.123456789Z");
	*format__utc(text, &clock, 1795356131000000001) = '\0';
	assert_string_equal(text, "2026-11-22T14:02:11.000000001Z");
	*format__utc(text, &clock, 1795356132000000000) = '\0';
	assert_string_equal(text, "2026-11-22T14:02:12.000000000Z");
}

static void check_local(struct format_clock *clock, uint64_t ns, const char *expected)
{
	char text[TEXT_SIZE];

	memset(text, '#', sizeof(text));
	end_text(text, format__local(text, clock, ns));
	assert_string_equal(text, expected);
}

/* Rules of time zones spelled out, so that no zone files are needed. */
TEST(test_local)
{
	struct format_clock clock = {};

	setenv("TZ", "UTC0", 1);
	tzset();
	check_local(&clock, 1795356131123456789, "14:02:11.123456");
	check_local(&clock, 1795356131999999999, "14:02:11.999999");
	check_local(&clock, 1795356132000000999, "14:02:12.000000");
	check_local(&clock, 0, "00:00:00.000000");

	setenv("TZ", "NPT-5:45", 1);
	tzset();
	clock = (struct format_clock){};
	check_local(&clock, 1795356131123456789, "19:47:11.123456");

	/* Clocks go forward at 02:00 on 29 March 2026, which is 01:00 UTC. */
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	clock = (struct format_clock){};
	check_local(&clock, 1774745999 * S, "01:59:59.000000");
	check_local(&clock, 1774746000 * S, "03:00:00.000000");
}

RUN(cmocka_unit_test(test_u64), cmocka_unit_test(test_digits), cmocka_unit_test(test_us),
    cmocka_unit_test(test_span), cmocka_unit_test(test_span_fits), cmocka_unit_test(test_pad),
    cmocka_unit_test(test_utc), cmocka_unit_test(test_utc_text), cmocka_unit_test(test_local))
