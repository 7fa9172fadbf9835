// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A filter in the head of a log: what is read is what was written, or damaged, and harmless. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "filter/evaluate.h"
#include "filter/filter.h"
#include "log/trees.h"

static const char *const expressions[] = {
	"",
	"state established",
	"sport = :443 or dst 10.0.0.0/8",
	"( sport = :80,8000-8999 or ( dst [2001:db8::]/32 and not comm nginx* ) ) pid != 1-7 uid 0",
	"exclude time-wait not ( old syn-sent or reason refused ) state_time > 10ms life < 1s",
	"src inet6:* cgroup /a/b netns 4026531840 family 4 new close",
};

static struct filter filter_of(const char *expression)
{
	struct filter filter = {};
	struct expression_error error;

	assert_int_equal(filter__add(&filter, expression, ABOUT_TRANSITIONS, &error), 0);
	return filter;
}

static void evaluate_some(const struct tree *tree)
{
	struct transition tr = {
		.netns = 4026531840,
		.family = 4,
		.old_state = TCP_SYN_SENT,
		.new_state = TCP_CLOSE,
		.owner = { .how = OWNER_SELF, .pid = 5, .comm = "nginx", .cgroup = "/a/b/c" },
	};
	uint16_t lport = 443;

	for (int i = 0; i < 4; i++) {
		tr.error = i;
		tr.state_ns = i * 20000000;
		evaluate(tree, &tr, i ? &lport : NULL);
	}
}

TEST(test_round_trip)
{
	static uint8_t written[4096], again[4096];

	for (size_t i = 0; i < COUNT(expressions); i++) {
		struct filter filter = filter_of(expressions[i]);
		size_t size = put_tree(written, filter.tree) - written;
		struct bytes bytes = { written, written + size, false };
		struct tree *tree;

		assert_int_equal(get_tree(&bytes, &tree), 0);
		assert_non_null(tree);
		assert_true(bytes.at == bytes.end && !bytes.bad);
		assert_int_equal(tree->asks_lport, filter.tree->asks_lport);
		assert_int_equal(put_tree(again, tree) - again, size);
		assert_memory_equal(written, again, size);
		evaluate_some(tree);
		tree__free(tree);
		filter__free(&filter);
	}
}

TEST(test_nothing)
{
	uint8_t written[16];
	struct bytes bytes = { written, put_tree(written, NULL), false };
	struct tree *tree;

	assert_int_equal(get_tree(&bytes, &tree), 0);
	assert_null(tree);
	assert_int_equal(get_tree(&bytes, &tree), -EBADMSG);
	assert_null(tree);
}

static void read_damaged(const uint8_t *from, size_t size)
{
	uint8_t *copy = malloc(size ?: 1);
	struct bytes bytes = { copy, copy + size, false };
	struct tree *tree;
	int err;

	memcpy(copy, from, size);
	err = get_tree(&bytes, &tree);
	assert_true(!err || err == -EBADMSG);
	assert_true(!err || !tree);
	if (tree)
		evaluate_some(tree);
	tree__free(tree);
	free(copy);
}

/* Every byte is every other one, once, and every end is cut off. */
TEST(test_damaged)
{
	static uint8_t written[4096];

	for (size_t i = 0; i < COUNT(expressions); i++) {
		struct filter filter = filter_of(expressions[i]);
		size_t size = put_tree(written, filter.tree) - written;

		for (size_t at = 0; at < size; at++) {
			uint8_t was = written[at];

			read_damaged(written, at);
			for (unsigned int byte = 0; byte < 256; byte++) {
				written[at] = byte;
				read_damaged(written, size);
			}
			written[at] = was;
		}
		filter__free(&filter);
	}
}

/* One group in another, deeper than an expression can be. */
TEST(test_too_deep)
{
	static uint8_t written[4096];
	struct tree *tree = tree__new(), *read;
	struct bytes bytes = { .at = written };
	uint32_t group;

	for (unsigned int i = 0; i < 2 * EXPRESSION_DEPTH; i++)
		assert_int_equal(tree__open(tree, &(struct node){}, &group), 0);
	for (uint32_t i = 0; i < tree->count; i++)
		tree->nodes[i].end = tree->count;
	bytes.end = put_tree(written, tree);
	assert_int_equal(get_tree(&bytes, &read), -EBADMSG);
	tree__free(tree);
}

RUN(cmocka_unit_test(test_round_trip), cmocka_unit_test(test_nothing),
    cmocka_unit_test(test_damaged), cmocka_unit_test(test_too_deep))
