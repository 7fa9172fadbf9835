// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Expressions that are none: what is said of them, and where it points to. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "filter/expression.h"

static const struct {
	const char *text;
	size_t at;
	const char *problem;
} errors[] = {
#define CONDITION "expected a condition"
#define HOST	  "expected an address, as in 10.0.0.0/8, [2001:db8::1]:443 or :443"
#define PORT	  "expected a port"
#define STATE	  "expected a state, as in established, or a group of them"
#define TIME	  "expected a time, as in 500us, 10ms, 1.5s or 5m"
	{ "nosuch", 0, CONDITION },
	{ "sport = 1 nosuch", 10, CONDITION },
	{ "sport = 1 and", 13, CONDITION },
	{ "sport = 1 or", 12, CONDITION },
	{ "and sport = 1", 0, CONDITION },
	{ "or", 0, CONDITION },
	{ "not", 3, CONDITION },
	{ "not and", 4, CONDITION },
	{ "sport 1 and and sport 2", 12, CONDITION },
	{ "= 1", 0, CONDITION },
	{ "SPORT = 1", 0, CONDITION },
	{ "'sport 1'", 0, CONDITION },
	{ "''", 0, CONDITION },
	{ "sport 1 -o json", 8, "expected a condition; options stand before the expression" },
	{ "(", 1, CONDITION },
	{ "()", 1, CONDITION },
	{ "( sport 1", 9, "expected ) or another condition" },
	{ ")", 0, CONDITION },
	{ "sport 1 )", 8, "expected no ) without a (" },
	{ "( sport 1 ) )", 12, "expected no ) without a (" },
	{ "sport", 5, PORT },
	{ "sport =", 7, PORT },
	{ "sport = and", 8, PORT },
	{ "sport = :80x", 8, PORT },
	{ "sport = 65536", 8, PORT },
	{ "sport = -1", 8, PORT },
	{ "sport = 080", 8, PORT },
	{ "sport = 0x", 8, PORT },
	{ "sport = :0x10000", 8, PORT },
	{ "sport = :", 8, PORT },
	{ "sport = ::80", 8, PORT },
	{ "sport = ''", 8, PORT },
	{ "sport = nosuchservice", 8, PORT },
	{ "sport = 80,", 8, PORT },
	{ "sport = ,80", 8, PORT },
	{ "sport = 9-3", 8, PORT },
	{ "sport = inet:", 8, PORT },
	{ "sport = inet7:80", 8, PORT },
	{ "sport = inet6:inet:80", 8, PORT },
	{ "sport = 1 )", 10, "expected no ) without a (" },
	{ "sport = = 1", 8, PORT },
	{ "sport = (1)", 8, PORT },
	{ "sport < 1,2", 8, "expected one number to compare with" },
	{ "sport < 1-2", 8, "expected one number to compare with" },
	{ "sport < *", 8, PORT },
	{ "src", 3, HOST },
	{ "src !", 4, HOST },
	{ "src ''", 4, HOST },
	{ "src 300.1.1.1", 4, HOST },
	{ "src 1.2.3.4.5", 4, HOST },
	{ "src 10.0.0.0/33", 4, HOST },
	{ "src 10.0.0.0/", 4, HOST },
	{ "src 10.0.0.0/x", 4, HOST },
	{ "src */8", 4, HOST },
	{ "src 1.2.3.4:99999", 4, PORT },
	{ "src [::1", 4, HOST },
	{ "src [::1]x", 4, HOST },
	{ "src [::1]/129", 4, HOST },
	{ "src [::/0]/0", 4, HOST },
	{ "src [10.0.0.1", 4, HOST },
	{ "src [10.0.0.1]x", 4, HOST },
	{ "src 08.0.0.1", 4, HOST },
	{ "src 0x100.0.0.1", 4, HOST },
	{ "src 10.0.0.0/255", 4, HOST },
	{ "src 10.0.0.0/255.0.255.0", 4, HOST },
	{ "src ::1/255.0.0.0", 4, HOST },
	{ "src ::1::1", 4, HOST },
	{ "src [::1]::80", 4, HOST },
	{ "src a/b/c", 4, HOST },
	{ "src < 10.0.0.1", 4, "expected = or !=" },
	{ "state", 5, STATE },
	{ "state nosuch", 6, STATE },
	{ "state = ", 8, STATE },
	{ "state ''", 6, STATE },
	{ "state (", 6, STATE },
	{ "state established,closed", 6, STATE },
	{ "exclude", 7, STATE },
	{ "state closed exclude nosuch", 21, STATE },
	{ "old", 3, STATE },
	{ "old > closed", 4, "expected = or !=" },
	{ "family 5", 7, "expected inet or inet6" },
	{ "pid x", 4, "expected a process number" },
	{ "pid 4194305", 4, "expected a process number" },
	{ "uid nosuchuser", 4, "expected a user's number or name" },
	{ "comm", 4, "expected a program's name, as in nginx or nginx*" },
	{ "comm ''", 5, "expected a program's name, as in nginx or nginx*" },
	{ "comm 'a", 5, "expected the quote to end" },
	{ "sport 1 \"", 8, "expected the quote to end" },
	{ "netns nosuch", 6,
	  "expected a network namespace: a name of `ip netns`, an inode number, or self" },
	{ "cgroup sys.slice", 7, "expected a cgroup's path, as in /system.slice" },
	{ "reason nosuch", 7,
	  "expected fin, reset, refused, timeout, aborted, closed or an errno's name" },
	{ "state_time > x", 13, TIME },
	{ "state_time > 1.", 13, TIME },
	{ "state_time > .5", 13, TIME },
	{ "state_time > 1d", 13, TIME },
	{ "life < 9999999999h", 7, TIME },
	{ "life < 1.0000000001s", 7, TIME },
};

static void check_error(const char *text, enum expression_subject subject, size_t at,
			const char *problem)
{
	struct expression_error error = {};
	struct tree *tree = tree__new();

	assert_non_null(tree);
	assert_int_equal(expression__parse(text, subject, tree, &error), -EINVAL);
	tree__free(tree);
	if (error.at != at || strcmp(error.problem, problem) != 0)
		fail_msg("%.80s: %s at %zu, not %s at %zu", text, error.problem, error.at, problem,
			 at);
}

TEST(test_errors)
{
	for (size_t i = 0; i < COUNT(errors); i++)
		check_error(errors[i].text, ABOUT_TRANSITIONS, errors[i].at, errors[i].problem);
}

TEST(test_what_sockets_have_not)
{
	static const char *const texts[] = { "old closed", "new closed", "reason fin", "life > 1s",
					     "state_time 1" };

	for (size_t i = 0; i < COUNT(texts); i++)
		check_error(texts[i], ABOUT_SOCKETS, 0,
			    "expected what a socket has; only transitions have this");
}

/* Neither the stack nor the memory is at an expression's mercy. */
TEST(test_limits)
{
	size_t size = EXPRESSION_MAX + 2;
	char *text = malloc(size);
	struct expression_error error;
	struct tree *tree;

	assert_non_null(text);
	memset(text, '(', EXPRESSION_DEPTH);
	strcpy(text + EXPRESSION_DEPTH, "sport 1");
	memset(text + EXPRESSION_DEPTH + 7, ')', EXPRESSION_DEPTH);
	text[2 * EXPRESSION_DEPTH + 7] = '\0';
	tree = tree__new();
	assert_non_null(tree);
	assert_int_equal(expression__parse(text, ABOUT_TRANSITIONS, tree, &error), 0);
	tree__free(tree);
	memset(text, '(', size - 1);
	text[EXPRESSION_DEPTH + 1] = '\0';
	check_error(text, ABOUT_TRANSITIONS, EXPRESSION_DEPTH,
		    "expected fewer parentheses within each other");
	memset(text, '!', size - 1);
	text[size - 1] = '\0';
	check_error(text, ABOUT_TRANSITIONS, 0, "expected at most 65535 bytes");
	text[EXPRESSION_MAX] = '\0';
	check_error(text, ABOUT_TRANSITIONS, EXPRESSION_MAX, "expected a condition");
	free(text);
}

TEST(test_what_begins_one)
{
	static const char *const yes[] = { "sport", "sport = 80", "(",	     "(sport", "!",
					   "not",   "state",	  "exclude", "pid=1" };
	static const char *const no[] = { "", "1", "10s", "x", "file.tfx", "-", "and", "sports" };

	for (size_t i = 0; i < COUNT(yes); i++)
		assert_true(expression__begins_with(yes[i]));
	for (size_t i = 0; i < COUNT(no); i++)
		assert_false(expression__begins_with(no[i]));
}

RUN(cmocka_unit_test(test_errors), cmocka_unit_test(test_what_sockets_have_not),
    cmocka_unit_test(test_limits), cmocka_unit_test(test_what_begins_one))
