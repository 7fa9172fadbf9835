// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The strict readers of option values: the whole text or nothing. */
#include "unit.h"

#include <stdlib.h>

#include "support/parse.h"

typedef const char *reader(const char *text, void *dest);

/* Refused, with a reason to print, and the destination as it was. */
static void check_refused(reader *read, const char *text, const void *before, void *dest,
			  size_t size)
{
	const char *problem = read(text, dest);

	if (!problem)
		fail_msg("\"%s\" was accepted", text);
	else if (!*problem)
		fail_msg("\"%s\" was refused without a word", text);
	assert_memory_equal(dest, before, size);
}

/* Too large for 63 bits, and what they are once a type has cut them: 0, 1, 4096. */
#define HUGE_NUMBERS                                                                               \
	"9223372036854775808", "18446744073709551615", "18446744073709551616",                     \
		"18446744073709551617", "18446744073709555712", "184467440737095516160",           \
		"99999999999999999999999999999999999999999999999999999999999999"

/* The same with 32 bits. */
#define LARGE_NUMBERS "2147483648", "4294967295", "4294967296", "4294967297", "4294971392"

/* What no number is, in any of the options. */
#define NO_NUMBERS                                                                                 \
	"", " ", "x", "80x", "x80", " 80", "80 ", "8 0", "\t80", "80\n", "+80", "-80", "--80",     \
		"0x50", "80.", "80.0", ".5", "1e3", "80,", ",80", ",", "80,,443", "80;443",        \
		"80, 443", "80 ,443", "1'000", "1_000", "\xd9\xa1", "\xef\xbc\x91", "-", "80-",    \
		"nan", "inf", "80\x01", "80:443", "1-2-3", "1--2", "80-443x", "80-x", "80,x"

static void check_ranges(reader *read, const char *text, size_t count, const struct range *expected)
{
	struct ranges ranges = {};
	const char *problem = read(text, &ranges);

	if (problem)
		fail_msg("\"%s\" was refused: %s", text, problem);
	assert_int_equal(ranges.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(ranges.list[i].first, expected[i].first);
		assert_int_equal(ranges.list[i].last, expected[i].last);
	}
	ranges__free(&ranges);
}

#define RANGES(...)                                                                                \
	sizeof((struct range[]){ __VA_ARGS__ }) / sizeof(struct range), (struct range[])           \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

TEST(test_ports_accepted)
{
	check_ranges(parse_ports, "1", RANGES({ 1, 1 }));
	check_ranges(parse_ports, "80", RANGES({ 80, 80 }));
	check_ranges(parse_ports, "65535", RANGES({ 65535, 65535 }));
	check_ranges(parse_ports, "0080", RANGES({ 80, 80 }));
	check_ranges(parse_ports, "1-65535", RANGES({ 1, 65535 }));
	check_ranges(parse_ports, "80-80", RANGES({ 80, 80 }));
	check_ranges(parse_ports, "80,443,8000-8999",
		     RANGES({ 80, 80 }, { 443, 443 }, { 8000, 8999 }));
	check_ranges(parse_ports, "9,9,1-9", RANGES({ 9, 9 }, { 9, 9 }, { 1, 9 }));
}

TEST(test_ports_refused)
{
	static const char *const texts[] = { NO_NUMBERS, HUGE_NUMBERS, LARGE_NUMBERS, "0",
					     "0-5",	 "65536",      "9-3",	      "1-65536",
					     "80,0",	 "80,65536",   "80,9-3",      "655350",
					     "-1",	 "00",	       "0,80",	      "80,-443" };
	struct ranges ranges = {}, before = {};

	for (size_t i = 0; i < COUNT(texts); i++)
		check_refused(parse_ports, texts[i], &before, &ranges, sizeof(ranges));
}

TEST(test_pids_accepted)
{
	check_ranges(parse_pids, "1", RANGES({ 1, 1 }));
	check_ranges(parse_pids, "4194304", RANGES({ 4194304, 4194304 }));
	check_ranges(parse_pids, "812,4711", RANGES({ 812, 812 }, { 4711, 4711 }));
	check_ranges(parse_pids, "100-200", RANGES({ 100, 200 }));
}

TEST(test_pids_refused)
{
	static const char *const texts[] = { NO_NUMBERS, HUGE_NUMBERS, LARGE_NUMBERS,
					     "0",	 "4194305",    "200-100" };
	struct ranges ranges = {}, before = {};

	for (size_t i = 0; i < COUNT(texts); i++)
		check_refused(parse_pids, texts[i], &before, &ranges, sizeof(ranges));
}

/* Given twice, an option's last value counts; a refused one leaves the first alone. */
TEST(test_ranges_are_replaced_as_a_whole)
{
	struct ranges ranges = {};

	assert_null(parse_ports("1,2,3", &ranges));
	assert_non_null(parse_ports("4,5,6,7,x", &ranges));
	assert_int_equal(ranges.count, 3);
	assert_int_equal(ranges.list[2].last, 3);
	assert_null(parse_ports("4-5", &ranges));
	assert_int_equal(ranges.count, 1);
	assert_int_equal(ranges.list[0].first, 4);
	ranges__free(&ranges);
	assert_int_equal(ranges.count, 0);
	assert_null(ranges.list);
	ranges__free(&ranges);
}

TEST(test_a_long_list)
{
	enum { ITEMS = 10000 };
	struct ranges ranges = {};
	char *text = malloc(ITEMS * 6 + 1), *p = text;

	assert_non_null(text);
	for (int i = 1; i <= ITEMS; i++)
		p += sprintf(p, "%s%d", i > 1 ? "," : "", 2 * i);
	assert_null(parse_ports(text, &ranges));
	assert_int_equal(ranges.count, ITEMS);
	assert_true(ranges__contain(&ranges, 2));
	assert_true(ranges__contain(&ranges, 2 * ITEMS));
	assert_false(ranges__contain(&ranges, 2 * ITEMS - 1));
	ranges__free(&ranges);
	free(text);
}

TEST(test_ranges_contain_their_ends)
{
	static struct range list[] = { { 80, 80 }, { 8000, 8999 } };
	struct ranges ranges = { COUNT(list), list };
	static const uint32_t inside[] = { 80, 8000, 8001, 8998, 8999 };
	static const uint32_t outside[] = { 0, 1, 79, 81, 7999, 9000, 65535, UINT32_MAX };

	for (size_t i = 0; i < COUNT(inside); i++)
		assert_true(ranges__contain(&ranges, inside[i]));
	for (size_t i = 0; i < COUNT(outside); i++)
		assert_false(ranges__contain(&ranges, outside[i]));
	assert_false(ranges__contain(&(struct ranges){}, 80));
}

struct number_case {
	const char *text;
	uint64_t max;
	bool ok;
	uint64_t number;
	const char *rest;
};

static void check_numbers(bool (*parse)(const char **text, uint64_t max, uint64_t *number),
			  const struct number_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = cases[i].text;
		uint64_t number = 0;

		if (parse(&text, cases[i].max, &number) != cases[i].ok)
			fail_msg("\"%s\" up to %llu", cases[i].text,
				 (unsigned long long)cases[i].max);
		assert_true(number == cases[i].number);
		assert_string_equal(text, cases[i].rest);
	}
}

TEST(test_number)
{
	static const struct number_case cases[] = {
		{ "0", 0, true, 0, "" },
		{ "1", 0, false, 0, "1" },
		{ "00000", 0, true, 0, "" },
		{ "12ab", 12, true, 12, "ab" },
		{ "13ab", 12, false, 0, "13ab" },
		{ "5", 5, true, 5, "" },
		{ "6", 5, false, 0, "6" },
		{ "", 9, false, 0, "" },
		{ "-1", 9, false, 0, "-1" },
		{ "65535", 65535, true, 65535, "" },
		{ "65536", 65535, false, 0, "65536" },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX, "" },
		{ "18446744073709551616", UINT64_MAX, false, 0, "18446744073709551616" },
		{ "18446744073709551620", UINT64_MAX, false, 0, "18446744073709551620" },
		{ "28446744073709551615", UINT64_MAX, false, 0, "28446744073709551615" },
		{ "000018446744073709551615x", UINT64_MAX, true, UINT64_MAX, "x" },
		{ "9223372036854775807", INT64_MAX, true, INT64_MAX, "" },
		{ "9223372036854775808", INT64_MAX, false, 0, "9223372036854775808" },
	};

	check_numbers(parse_number, cases, COUNT(cases));
}

TEST(test_c_number)
{
	static const struct number_case cases[] = {
		{ "0", 0, true, 0, "" },
		{ "443", 443, true, 443, "" },
		{ "0673.", 443, true, 443, "." },
		{ "0674", 443, false, 0, "0674" },
		{ "08", 9, true, 0, "8" },
		{ "0x1bb", 443, true, 443, "" },
		{ "0X1BBg", 443, true, 443, "g" },
		{ "0x1bc", 443, false, 0, "0x1bc" },
		{ "0x", 9, true, 0, "x" },
		{ "x1", 9, false, 0, "x1" },
		{ "1f", 99, true, 1, "f" },
		{ "0xffffffffffffffff", UINT64_MAX, true, UINT64_MAX, "" },
		{ "0x10000000000000000", UINT64_MAX, false, 0, "0x10000000000000000" },
	};

	check_numbers(parse_c_number, cases, COUNT(cases));
}

TEST(test_count)
{
	static const char *const refused[] = { NO_NUMBERS, HUGE_NUMBERS, "0", "000", "1K" };
	uint64_t count;

	for (size_t i = 0; i < COUNT(refused); i++)
		if (!parse_count(refused[i], &count))
			fail_msg("\"%s\" was accepted", refused[i]);
	assert_null(parse_count("1", &count));
	assert_true(count == 1);
	assert_null(parse_count("9223372036854775807", &count));
	assert_true(count == INT64_MAX);
}

TEST(test_duration_accepted)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} cases[] = {
		{ "1ms", 1000000 },	      { "500ms", 500000000 },	 { "1", 1000000000 },
		{ "3", 3000000000 },	      { "10s", 10000000000 },	 { "5m", 300000000000 },
		{ "1h", 3600000000000 },      { "24h", 86400000000000 }, { "0010s", 10000000000 },
		{ "86400s", 86400000000000 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t ns = 0;

		if (parse_duration(cases[i].text, &ns))
			fail_msg("\"%s\" was refused", cases[i].text);
		assert_true(ns == cases[i].ns);
	}
}

TEST(test_duration_refused)
{
	static const char *const texts[] = { NO_NUMBERS, "0",	"0s",  "0ms", "5x",    "5S",  "5M",
					     "5H",	 "5 s", "5d",  "1s1", "1m30s", "s",   "ms",
					     "-1",	 "-5s", "5us", "5ns", "5sec",  "5,5s" };
	/* As nanoseconds they would need more than 63 bits. */
	static const char *const huge[] = {
		HUGE_NUMBERS,
		"2562048h",
		"153722868m",
		"9223372037s",
		"9223372036855ms",
		/* With 64 bits these are small again. */
		"5124096h",
		"307445735m",
		"18446744074s",
		"18446744073710ms",
	};
	uint64_t ns = 42, before = 42;

	for (size_t i = 0; i < COUNT(texts); i++)
		check_refused(parse_duration, texts[i], &before, &ns, sizeof(ns));
	for (size_t i = 0; i < COUNT(huge); i++)
		check_refused(parse_duration, huge[i], &before, &ns, sizeof(ns));
}

TEST(test_buffer_accepted)
{
	static const struct {
		const char *text;
		uint32_t size;
	} cases[] = {
		{ "64K", 65536 },	 { "65536", 65536 },	     { "256K", 262144 },
		{ "1024K", 1048576 },	 { "1M", 1048576 },	     { "16M", 16777216 },
		{ "1024M", 1073741824 }, { "1G", 1073741824 },	     { "1073741824", 1073741824 },
		{ "01M", 1048576 },	 { "1048576K", 1073741824 },
	};
	char page[16];
	uint32_t size;

	for (size_t i = 0; i < COUNT(cases); i++) {
		size = 0;
		if (parse_buffer(cases[i].text, &size))
			fail_msg("\"%s\" was refused", cases[i].text);
		assert_int_equal(size, cases[i].size);
	}
	/* The least that the kernel takes. */
	snprintf(page, sizeof(page), "%ld", sysconf(_SC_PAGESIZE));
	assert_null(parse_buffer(page, &size));
	assert_int_equal(size, sysconf(_SC_PAGESIZE));
}

TEST(test_buffer_refused)
{
	static const char *const texts[] = {
		NO_NUMBERS,   HUGE_NUMBERS,  LARGE_NUMBERS, "0",	   "0K",	 "0M",
		"1",	      "2K",	     "2048",	    "3M",	   "12345",	 "65535",
		"65537",      "2G",	     "2048M",	    "2097152K",	   "2147483648", "1T",
		"16m",	      "16MB",	     "16MiB",	    "16 M",	   "M",		 "K16",
		"-16M",	      "+16M",	     "1.5M",	    "16K16",	   "96K",	 "768M",
		"1073741825", "4294967296K", "4194304G",    "17179869184G"
	};
	uint32_t size = 42, before = 42;

	for (size_t i = 0; i < COUNT(texts); i++)
		check_refused(parse_buffer, texts[i], &before, &size, sizeof(size));
}

/* Of all sizes up to 1 MiB only the powers of two of at least a page. */
TEST(test_buffer_sizes_all)
{
	char text[16];
	uint32_t size;

	for (uint32_t i = 0; i <= 1u << 20; i++) {
		bool ok = i >= (uint32_t)sysconf(_SC_PAGESIZE) && __builtin_popcount(i) == 1;

		snprintf(text, sizeof(text), "%u", i);
		size = 0;
		if (!parse_buffer(text, &size) != ok)
			fail_msg("%s was %s", text, ok ? "refused" : "accepted");
		assert_int_equal(size, ok ? i : 0);
	}
}

TEST(test_string)
{
	const char *string = "before";

	assert_non_null(parse_string("", &string));
	assert_string_equal(string, "before");
	assert_null(parse_string("nginx", &string));
	assert_string_equal(string, "nginx");
	assert_null(parse_string(" ", &string));
	assert_string_equal(string, " ");
}

/* As tcpdump reads it. */
TEST(test_file_size)
{
	static const char *const refused[] = {
		"", "0", "x", "1.5M", "10MB", "1T", "-1", " 1", "K"
	};
	uint64_t size = 7;

	for (size_t i = 0; i < COUNT(refused); i++)
		assert_non_null(parse_file_size(refused[i], &size));
	assert_non_null(parse_file_size("9223372036854775807", &size));
	assert_int_equal(size, 7);
	assert_null(parse_file_size("1", &size));
	assert_int_equal(size, 1000000);
	assert_null(parse_file_size("500K", &size));
	assert_int_equal(size, 500 << 10);
	assert_null(parse_file_size("2G", &size));
	assert_int_equal(size, 2ull << 30);
}

TEST(test_file_count)
{
	uint64_t count = 7;

	assert_non_null(parse_file_count("0", &count));
	assert_non_null(parse_file_count("10001", &count));
	assert_int_equal(count, 7);
	assert_null(parse_file_count("10000", &count));
	assert_int_equal(count, 10000);
}

TEST(test_flag)
{
	bool flag = false;

	assert_null(parse_flag("", &flag));
	assert_true(flag);
	assert_null(parse_flag("", &flag));
	assert_true(flag);
}

RUN(cmocka_unit_test(test_ports_accepted), cmocka_unit_test(test_ports_refused),
    cmocka_unit_test(test_pids_accepted), cmocka_unit_test(test_pids_refused),
    cmocka_unit_test(test_ranges_are_replaced_as_a_whole), cmocka_unit_test(test_a_long_list),
    cmocka_unit_test(test_ranges_contain_their_ends), cmocka_unit_test(test_number),
    cmocka_unit_test(test_c_number), cmocka_unit_test(test_count),
    cmocka_unit_test(test_duration_accepted), cmocka_unit_test(test_duration_refused),
    cmocka_unit_test(test_buffer_accepted), cmocka_unit_test(test_buffer_refused),
    cmocka_unit_test(test_buffer_sizes_all), cmocka_unit_test(test_string),
    cmocka_unit_test(test_file_size), cmocka_unit_test(test_file_count),
    cmocka_unit_test(test_flag))
