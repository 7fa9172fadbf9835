// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Command lines by table, on a small table of its own. */
#include "unit.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "support/options.h"
#include "support/parse.h"

struct values {
	bool all, brief, nameless;
	uint64_t count;
	const char *name;
	struct ranges ports;
};

#define AT(member) offsetof(struct values, member)

static const struct option_row rows[] = {
	{ "all", 'a', NULL, parse_flag, AT(all), "everything" },
	{ "brief", 0, NULL, parse_flag, AT(brief), "not much" },
	{ "count", 'n', "N", parse_count, AT(count), "so many" },
	{ "name", 0, "NAME", parse_string, AT(name), "of this name" },
	{ "nameless", 0, NULL, parse_flag, AT(nameless), "of no name" },
	{ "ports", 'p', "LIST", parse_ports, AT(ports), "these ports" },
	{},
};

/*
 * Parses the words, which end with a NULL, behind a program's name. Each has a place of its own as
 * it has in a real command line: equal literals may be one.
 */
static int parse(struct values *values, struct options_rest *rest, const char **words)
{
	static char *argv[16], copies[16][32];
	int argc = 1;

	argv[0] = "program";
	for (; words[argc - 1]; argc++) {
		strcpy(copies[argc], words[argc - 1]);
		argv[argc] = copies[argc];
	}
	argv[argc] = NULL;
	*values = (struct values){};
	/* A refused command line leaves getopt() in the middle of a word; a program has only one.
	 */
	optind = 0;
	(void)getopt(1, argv, "+");
	return options__parse(rows, argc, argv, values, rest);
}

#define WORDS(...) ((const char *[]){ __VA_ARGS__, NULL })

static void check_refused(const char **words, const char *expected)
{
	struct captured captured;
	struct options_rest rest;
	struct values values;
	int err;

	unit__capture_stderr(&captured);
	err = parse(&values, &rest, words);
	assert_string_equal(unit__captured(&captured), expected);
	assert_int_equal(err, -EINVAL);
}

TEST(test_nothing)
{
	struct options_rest rest;
	struct values values;

	assert_int_equal(parse(&values, &rest, (const char *[]){ NULL }), 0);
	assert_int_equal(rest.count, 0);
	assert_null(rest.program);
	assert_false(values.all || values.brief || values.count || values.name);
}

/* Every way in which a value can be given. */
TEST(test_forms)
{
	static const char *forms[][16] = {
		{ "-a", "-n", "7" },
		{ "-n7", "-a" },
		{ "-an7" },
		{ "-an", "7" },
		{ "--all", "--count", "7" },
		{ "--count=7", "--all" },
		{ "--co=7", "--al" },
		{ "-n", "3", "-a", "-n", "7" },
		{ "-a", "-a", "-n", "7", "--", "true" },
	};
	struct options_rest rest;
	struct values values;

	for (size_t i = 0; i < COUNT(forms); i++) {
		assert_int_equal(parse(&values, &rest, forms[i]), 0);
		assert_true(values.all);
		assert_true(values.count == 7);
		assert_false(values.brief);
		assert_int_equal(rest.count, 0);
	}
}

TEST(test_values_that_look_like_options)
{
	struct options_rest rest;
	struct values values;

	assert_int_equal(parse(&values, &rest, WORDS("--name", "-a")), 0);
	assert_string_equal(values.name, "-a");
	assert_false(values.all);
	assert_int_equal(parse(&values, &rest, WORDS("--name", "--")), 0);
	assert_string_equal(values.name, "--");
	assert_null(rest.program);
	assert_int_equal(parse(&values, &rest, WORDS("--name=--", "-a")), 0);
	assert_true(values.all);
	assert_int_equal(parse(&values, &rest, WORDS("--name", "--", "--", "true")), 0);
	assert_string_equal(rest.program[0], "true");
}

TEST(test_arguments)
{
	struct options_rest rest;
	struct values values;

	assert_int_equal(parse(&values, &rest, WORDS("-a", "one", "two")), 0);
	assert_int_equal(rest.count, 2);
	assert_string_equal(rest.args[0], "one");
	assert_string_equal(rest.args[1], "two");
	assert_null(rest.program);
	/* What follows the first word is not this program's option. */
	assert_int_equal(parse(&values, &rest, WORDS("one", "-a", "--nosuch")), 0);
	assert_int_equal(rest.count, 3);
	assert_false(values.all);
	assert_int_equal(parse(&values, &rest, WORDS("-")), 0);
	assert_int_equal(rest.count, 1);
	assert_int_equal(parse(&values, &rest, WORDS("")), 0);
	assert_int_equal(rest.count, 1);
}

TEST(test_program)
{
	struct options_rest rest;
	struct values values;

	assert_int_equal(parse(&values, &rest, WORDS("-a", "--", "curl", "-n", "x", "--")), 0);
	assert_int_equal(rest.count, 0);
	assert_string_equal(rest.program[0], "curl");
	assert_string_equal(rest.program[1], "-n");
	assert_string_equal(rest.program[2], "x");
	assert_string_equal(rest.program[3], "--");
	assert_null(rest.program[4]);
	assert_true(values.count == 0);

	assert_int_equal(parse(&values, &rest, WORDS("one", "--", "true")), 0);
	assert_int_equal(rest.count, 1);
	assert_string_equal(rest.program[0], "true");

	assert_int_equal(parse(&values, &rest, WORDS("--")), 0);
	assert_int_equal(rest.count, 0);
	assert_non_null(rest.program);
	assert_null(rest.program[0]);
}

TEST(test_refused)
{
	check_refused(WORDS("-x"), "tcpflux: -x: unknown option\n");
	check_refused(WORDS("-ax"), "tcpflux: -x: unknown option\n");
	check_refused(WORDS("--nosuch"), "tcpflux: --nosuch: unknown option\n");
	check_refused(WORDS("--nosuch=3"), "tcpflux: --nosuch=3: unknown option\n");
	check_refused(WORDS("-a", "--nosuch"), "tcpflux: --nosuch: unknown option\n");
	check_refused(WORDS("--na"), "tcpflux: --na: ambiguous option\n");
	check_refused(WORDS("--na=x"), "tcpflux: --na=x: ambiguous option\n");
	check_refused(WORDS("--all=yes"), "tcpflux: --all=yes: takes no value\n");
	check_refused(WORDS("--al=yes"), "tcpflux: --al=yes: takes no value\n");
	check_refused(WORDS("-n"), "tcpflux: --count: expected a value\n");
	check_refused(WORDS("-an"), "tcpflux: --count: expected a value\n");
	check_refused(WORDS("--count"), "tcpflux: --count: expected a value\n");
	check_refused(WORDS("--name"), "tcpflux: --name: expected a value\n");
	check_refused(WORDS("-n", "x"), "tcpflux: --count x: expected a number from 1\n");
	check_refused(WORDS("--count=x"), "tcpflux: --count x: expected a number from 1\n");
	check_refused(WORDS("-n", "-a"), "tcpflux: --count -a: expected a number from 1\n");
	check_refused(WORDS("-nx", "-n3"), "tcpflux: --count x: expected a number from 1\n");
}

TEST(test_an_owned_value_is_replaced)
{
	struct options_rest rest;
	struct values values;

	assert_int_equal(parse(&values, &rest, WORDS("-p", "1,2", "-p", "3")), 0);
	assert_int_equal(values.ports.count, 1);
	assert_int_equal(values.ports.list[0].first, 3);
	ranges__free(&values.ports);
}

static int parse_only(char **argv)
{
	struct values values = {};
	int argc = 0;

	while (argv[argc])
		argc++;
	return options__parse_only(rows, argc, argv, &values);
}

#define ARGV(...) ((char *[]){ "program", __VA_ARGS__, NULL })

TEST(test_nothing_but_options)
{
	struct captured captured;

	assert_int_equal(parse_only(ARGV("-a", "--brief")), 0);
	unit__capture_stderr(&captured);
	assert_int_equal(parse_only(ARGV("-a", "word", "--", "true")), -EINVAL);
	assert_int_equal(parse_only(ARGV("-a", "--", "true")), -EINVAL);
	assert_int_equal(parse_only(ARGV("--nosuch", "word")), -EINVAL);
	assert_string_equal(unit__captured(&captured), "tcpflux: word: unexpected argument\n"
						       "tcpflux: --: unexpected argument\n"
						       "tcpflux: --nosuch: unknown option\n");
}

TEST(test_help)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	options__help(rows, to);
	fclose(to);
	assert_string_equal(text, "  -a, --all                    everything\n"
				  "      --brief                  not much\n"
				  "  -n, --count N                so many\n"
				  "      --name NAME              of this name\n"
				  "      --nameless               of no name\n"
				  "  -p, --ports LIST             these ports\n");
	free(text);
}

RUN(cmocka_unit_test(test_nothing), cmocka_unit_test(test_forms),
    cmocka_unit_test(test_values_that_look_like_options), cmocka_unit_test(test_arguments),
    cmocka_unit_test(test_program), cmocka_unit_test(test_refused),
    cmocka_unit_test(test_an_owned_value_is_replaced), cmocka_unit_test(test_nothing_but_options),
    cmocka_unit_test(test_help))
