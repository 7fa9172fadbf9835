// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random expressions and random transitions: what the program says of them, on the user side and by
 * what it tells the kernel to do, and what a second reading says that shares nothing with it.
 */
#include "unit.h"

#include "../expressions.h"
#include "filter/evaluate.h"
#include "filter/expression.h"
#include "filter/pushdown.h"

#define EXPRESSIONS 100000

/* Instead of the C library's: there is no host of any name, and nobody is asked. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **found)
{
	(void)name, (void)service, (void)hints, (void)found;
	return EAI_NONAME;
}

static void check_user_side(const struct tree *tree, const struct transition *tr, bool expected)
{
	enum truth truth = evaluate(tree, tr, &tr->lport);

	if (truth != (expected ? TRUTH_YES : TRUTH_NO))
		fail_msg("%s: %d", text, truth);
	/* Without the port it may be open, but not the opposite. */
	if (TRUTH_YES - evaluate(tree, tr, NULL) == truth && truth != TRUTH_OPEN)
		fail_msg("%s: without a port the opposite", text);
}

/* As lane A goes through it: the first conditions by themselves, then the rest. */
static bool connection_passes(const struct pushdown *pushdown, const struct filter_facts *facts)
{
	const struct filter_program *program = &pushdown->connections;
	__u8 at = filter_program__begin(program, facts);

	while (at < FILTER_NODES)
		at = filter_node__judge(&program->nodes[at], facts);
	if ((at == FILTER_PASS) != filter_program__run(program, facts))
		fail_msg("%s: the first conditions by themselves: %d", text, at);
	return at == FILTER_PASS;
}

/* The kernel may let pass what will be dropped behind it, but only where it can't know better. */
static void check_kernel(const struct pushdown *pushdown, const struct transition *tr,
			 bool expected)
{
	struct filter_facts facts = facts_of(tr), open = blurred(&facts);
	bool passes = filter_program__run(&pushdown->rows, &facts);
	bool connection = connection_passes(pushdown, &facts);

	if (expected ? !passes : passes && !beyond_kernel && !pushdown->too_large)
		fail_msg("%s: the kernel: %d", text, passes);
	connection_passes(pushdown, &open);
	if (passes && !connection)
		fail_msg("%s: dropped with the connection", text);
	if (passes && !filter_program__run(&pushdown->rows, &open))
		fail_msg("%s: dropped, knowing less", text);
}

static void check_one(const struct set *expected)
{
	struct tree *tree = tree__new();
	struct expression_error error;
	struct pushdown pushdown;

	assert_non_null(tree);
	if (expression__parse(text, ABOUT_TRANSITIONS, tree, &error))
		fail_msg("%s: %s at %zu", text, error.problem, error.at);
	assert_int_equal(pushdown__compile(&pushdown, tree), 0);
	for (int i = 0; i < EVENTS; i++) {
		check_user_side(tree, &events[i].tr, set__has(expected, i));
		check_kernel(&pushdown, &events[i].tr, set__has(expected, i));
	}
	tree__free(tree);
}

TEST(test_as_the_second_reading_says)
{
	uint64_t yes = 0;

	for (int i = 0; i < EXPRESSIONS; i++) {
		struct set expected;

		if (i % 100 == 0)
			renew_events();
		expected = renew_expression();
		yes += __builtin_popcountll(expected.bits[0]);
		check_one(&expected);
	}
	/* Both are about as frequent. */
	assert_true(yes > (uint64_t)EXPRESSIONS * EVENTS / 4);
	assert_true(yes < (uint64_t)EXPRESSIONS * EVENTS * 3 / 4);
}

/* Whatever the words are: an answer, or an error with its place in the text. */
TEST(test_random_words)
{
	static const char *const tokens[] = {
		"sport", "src", "state", "established", "(",	 ")",	    "not",  "and",
		"or",	 "=",	"!=",	 "80",		"[::1]", ":80",	    "10/8", "comm",
		"a*",	 "'",	"<",	 "pid",		"life",	 "1s",	    "*",    "\"",
		"old",	 "!",	"/",	 ",",		":",	 "exclude", "]",    "inet:"
	};

	for (int i = 0; i < EXPRESSIONS; i++) {
		struct expression_error error = {};
		struct tree *tree = tree__new();

		end = text;
		for (int count = below(12); count >= 0; count--)
			put("%s%s", ANY_OF(tokens), below(2) ? " " : "");
		assert_non_null(tree);
		if (expression__parse(text, ABOUT_TRANSITIONS, tree, &error)) {
			assert_non_null(error.problem);
			assert_true(error.at <= strlen(text));
		} else {
			(void)evaluate(tree, &events[0].tr, NULL);
		}
		tree__free(tree);
	}
}

RUN(cmocka_unit_test(test_as_the_second_reading_says), cmocka_unit_test(test_random_words))
