// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What -v says of an expression: which part the kernel decides, and what is left. */
#include "unit.h"

#include <stdlib.h>

#include "filter/filter.h"
#include "filter/wording.h"

static const struct {
	const char *text, *in_kernel, *behind;
} cases[] = {
	{ "", "", "" },
	{ "sport = :443", "sport = :443", "" },
	{ "comm nginx", "", "comm nginx" },
	{ "sport = :443 comm nginx*", "sport = :443", "comm nginx*" },
	{ "comm nginx* && family inet", "family inet", "comm nginx*" },
	{ "comm a or pid 5", "", "comm a or pid 5" },
	{ "state established exclude closed comm a", "state established exclude closed", "comm a" },
	{ "( sport = :443 or dst 10.0.0.0/8 ) and not comm nginx*",
	  "( sport = :443 or dst 10.0.0.0/8 )", "not comm nginx*" },
	{ "( sport = :443 dport < 5 or pid 1 )", "sport = :443 and dport < 5 or pid 1", "" },
	{ "not src != 10/8 and cgroup /a", "not src != 10/8", "cgroup /a" },
	{ "not ! src [::1]:443 reason fin", "not ! src [::1]:443", "reason fin" },
	{ "comm \"a b\" and life < 1s", "life < 1s", "comm \"a b\"" },
	{ "( sport 1 and comm a ) or dport 2", "sport 1 or dport 2",
	  "( sport 1 and comm a ) or dport 2" },
	{ "not ( comm a or sport 1 )", "not sport 1", "not ( comm a or sport 1 )" },
	{ "not ( comm a and sport 1 )", "", "not ( comm a and sport 1 )" },
	{ "comm a or sport 1 and uid 0", "uid 0", "comm a or sport 1 and uid 0" },
	{ "sport 1 and comm a or dport 2", "sport 1 or dport 2", "sport 1 and comm a or dport 2" },
	{ "not ( not ( comm a or sport 1 ) or dport 2 )", "not dport 2",
	  "not ( not ( comm a or sport 1 ) or dport 2 )" },
	{ "( ( pid 1 ) )", "pid 1", "" },
};

static void assert_wording(const struct tree *tree, const char *in_kernel, const char *behind)
{
	char *text = wording__in_kernel(tree);

	assert_string_equal(text, in_kernel);
	free(text);
	text = wording__behind(tree);
	assert_string_equal(text, behind);
	free(text);
}

TEST(test_expressions)
{
	struct expression_error error;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tree *tree = tree__new();

		assert_int_equal(expression__parse(cases[i].text, ABOUT_TRANSITIONS, tree, &error),
				 0);
		assert_wording(tree, cases[i].in_kernel, cases[i].behind);
		tree__free(tree);
	}
}

TEST(test_options)
{
	struct range ports[] = { { 80, 80 }, { 8000, 8999 } }, pid = { 812, 812 };
	struct filter filter = {
		.only_ipv6 = true,
		.lports = { 2, ports },
		.rports = { 1, ports },
		.pids = { 1, &pid },
		.comm = "nginx",
		.netns = 4026531840,
	};

	assert_int_equal(filter__compile(&filter), 0);
	assert_wording(filter.tree,
		       "family inet6 and netns = 4026531840 and dport = 80 and pid = 812 and "
		       "sport = 80,8000-8999",
		       "comm nginx");
	filter__free(&filter);
}

/* A name is one word. */
TEST(test_names)
{
	static const char *const names[][2] = {
		{ "nginx", "comm nginx" },
		{ "a b", "comm \"a b\"" },
		{ "tmux: (1)", "comm \"tmux: (1)\"" },
		{ "say \"", "comm 'say \"'" },
		{ "", "comm \"\"" },
		{ "and", "comm \"and\"" },
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		struct filter filter = { .comm = names[i][0] };

		assert_int_equal(filter__compile(&filter), 0);
		assert_wording(filter.tree, "", names[i][1]);
		filter__free(&filter);
	}
}

/* There is no room for it, so all of it is behind. */
TEST(test_too_large)
{
	struct tree *tree = tree__new();
	struct expression_error error;
	char text[1024], *end = stpcpy(text, "sport = 1");

	for (int i = 2; i < 200; i += 2)
		end += sprintf(end, ",%d", i + 1);
	assert_int_equal(expression__parse(text, ABOUT_TRANSITIONS, tree, &error), 0);
	assert_wording(tree, "", text);
	tree__free(tree);
}

RUN(cmocka_unit_test(test_expressions), cmocka_unit_test(test_options),
    cmocka_unit_test(test_names), cmocka_unit_test(test_too_large))
