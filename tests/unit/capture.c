// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The options of the capturing commands: their table, their defaults, where each value goes. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "commands/capture.h"

#define WORDS(...) ((const char *[]){ __VA_ARGS__, NULL })

static void parse(struct capture_options *options, const char **words)
{
	static char *argv[32];
	int argc = 1;

	argv[0] = "trace";
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)words[argc - 1];
	argv[argc] = NULL;
	assert_int_equal(capture_options__parse_trace(options, argc, argv), 0);
}

TEST(test_defaults)
{
	struct capture_options options;

	parse(&options, (const char *[]){ NULL });
	assert_int_equal(options.buffer, 16 << 20);
	assert_int_equal(options.format, FORMAT_TEXT);
	assert_true(options.duration_ns == 0 && options.count == 0);
	assert_false(options.help || options.raw || options.quiet || options.verbose ||
		     options.fail_on_loss);
	assert_false(options.filter.only_ipv4 || options.filter.only_ipv6);
	assert_null(options.filter.comm);
	assert_int_equal(options.filter.netns, 0);
	assert_null(options.program);
	capture_options__free(&options);
}

TEST(test_every_option)
{
	struct capture_options options;

	parse(&options, WORDS("-4", "-L", "80,443", "-D", "1-9", "-p", "812", "-c", "nginx", "-N",
			      "4026531840", "-o", "json", "-d", "500ms", "-n", "7", "-b", "1M",
			      "--raw", "-q", "-v", "--fail-on-loss", "--", "true", "-h"));
	assert_true(options.filter.only_ipv4);
	assert_int_equal(options.filter.lports.count, 2);
	assert_int_equal(options.filter.lports.list[1].first, 443);
	assert_int_equal(options.filter.rports.count, 1);
	assert_int_equal(options.filter.rports.list[0].last, 9);
	assert_int_equal(options.filter.pids.list[0].first, 812);
	assert_string_equal(options.filter.comm, "nginx");
	assert_true(options.filter.netns == 4026531840);
	assert_int_equal(options.format, FORMAT_JSON);
	assert_true(options.duration_ns == 500000000);
	assert_true(options.count == 7);
	assert_int_equal(options.buffer, 1 << 20);
	assert_true(options.raw && options.quiet && options.verbose && options.fail_on_loss);
	assert_false(options.help);
	assert_string_equal(options.program[0], "true");
	assert_string_equal(options.program[1], "-h");
	capture_options__free(&options);
}

TEST(test_formats)
{
	struct capture_options options;

	parse(&options, WORDS("-o", "csv"));
	assert_int_equal(options.format, FORMAT_CSV);
	capture_options__free(&options);
	parse(&options, WORDS("-o", "json", "--output=text"));
	assert_int_equal(options.format, FORMAT_TEXT);
	capture_options__free(&options);
}

/* Freeing is safe after a refusal half-way too, and twice. */
TEST(test_free_after_a_refusal)
{
	char *argv[] = { "trace", "-L", "80", "-D", "80", "-p", "1", "-o", "xml", NULL };
	struct capture_options options;
	struct captured captured;

	unit__capture_stderr(&captured);
	assert_int_equal(capture_options__parse_trace(&options, 9, argv), -EINVAL);
	assert_string_equal(unit__captured(&captured),
			    "tcpflux: --output xml: expected text, json or csv\n");
	capture_options__free(&options);
	capture_options__free(&options);
}

/* No two rows with one name or letter, and help that fits into a line. */
TEST(test_rows)
{
	const struct option_row *row, *other;

	for (row = trace_option_rows; row->name; row++) {
		assert_in_range(strlen(row->name), 2, 20);
		assert_non_null(row->parse);
		assert_in_range(strlen(row->help), 5, 68);
		assert_in_range(row->dest, 0, sizeof(struct capture_options) - 1);
		for (other = row + 1; other->name; other++) {
			assert_string_not_equal(row->name, other->name);
			assert_true(!row->letter || row->letter != other->letter);
			assert_int_not_equal(row->dest, other->dest);
		}
	}
}

RUN(cmocka_unit_test(test_defaults), cmocka_unit_test(test_every_option),
    cmocka_unit_test(test_formats), cmocka_unit_test(test_free_after_a_refusal),
    cmocka_unit_test(test_rows))
