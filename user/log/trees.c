// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "trees.h"

#include <errno.h>
#include <stdlib.h>

#include "../filter/expression.h"

enum {
	NODE_ALTERNATIVE = 1 << 0,
	NODE_NEGATED = 1 << 1,
	NODE_DIFFERS = 1 << 2,
	NODE_ONLY_IPV6 = 1 << 3,
	NODE_ALL = (1 << 4) - 1,
};

/* Field, marks, end, and the largest that can follow, a network's value and mask. */
#define NODE_MAX  (2 + VARINT_MAX + 32)
#define RANGE_MAX (2 * VARINT_MAX)

enum kind { KIND_GROUP, KIND_SET, KIND_NUMBERS, KIND_NETWORK, KIND_TEXT };

static enum kind kind_of(enum field field)
{
	if (field == FIELD_GROUP)
		return KIND_GROUP;
	if (field <= FIELD_FAMILY)
		return KIND_SET;
	if (field <= FIELD_LIFE)
		return KIND_NUMBERS;
	return field <= FIELD_RADDR ? KIND_NETWORK : KIND_TEXT;
}

static uint8_t *put_node(uint8_t *p, const struct node *node, uint32_t number)
{
	bool network = kind_of(node->field) == KIND_NETWORK;

	*p++ = node->field;
	*p++ = (node->alternative ? NODE_ALTERNATIVE : 0) | (node->negated ? NODE_NEGATED : 0) |
	       (node->differs ? NODE_DIFFERS : 0) |
	       (network && node->network.only_ipv6 ? NODE_ONLY_IPV6 : 0);
	p = put_varint(p, node->end - number);
	switch (kind_of(node->field)) {
	case KIND_GROUP:
		return p;
	case KIND_SET:
		return put_varint(p, node->set);
	case KIND_NUMBERS:
		return put_varint(put_varint(p, node->numbers.first), node->numbers.count);
	case KIND_NETWORK:
		p = put_bytes(p, node->network.value, sizeof(node->network.value));
		return put_bytes(p, node->network.mask, sizeof(node->network.mask));
	case KIND_TEXT:
		return put_varint(p, node->text);
	}
	return p;
}

uint8_t *put_tree(uint8_t *p, const struct tree *tree)
{
	if (!tree || 3 * VARINT_MAX + (uint64_t)tree->count * NODE_MAX +
				     (uint64_t)tree->range_count * RANGE_MAX + tree->text_size >
			     LOG_TREE_MAX)
		return put_varint(p, 0);
	p = put_varint(p, tree->count);
	for (uint32_t i = 0; i < tree->count; i++)
		p = put_node(p, &tree->nodes[i], i);
	p = put_varint(p, tree->range_count);
	for (uint32_t i = 0; i < tree->range_count; i++)
		p = put_varint(put_varint(p, tree->ranges[i].first), tree->ranges[i].last);
	p = put_varint(p, tree->text_size);
	return tree->text_size ? put_bytes(p, tree->texts, tree->text_size) : p;
}

static void get_node(struct bytes *from, struct node *node, uint32_t number)
{
	const uint8_t *head = get_bytes(from, 2);
	unsigned int marks = head[1];

	*node = (struct node){
		.field = head[0],
		.alternative = marks & NODE_ALTERNATIVE,
		.negated = marks & NODE_NEGATED,
		.differs = marks & NODE_DIFFERS,
		.end = number + get_varint(from),
	};
	if (node->field > FIELD_REASON || marks & ~NODE_ALL)
		from->bad = true;
	switch (kind_of(node->field)) {
	case KIND_GROUP:
		break;
	case KIND_SET:
		node->set = get_varint(from);
		break;
	case KIND_NUMBERS:
		node->numbers.first = get_varint(from);
		node->numbers.count = get_varint(from);
		break;
	case KIND_NETWORK:
		node->network.only_ipv6 = marks & NODE_ONLY_IPV6;
		for (int i = 0; i < 2; i++)
			memcpy(&node->network.value[i], get_bytes(from, 8), 8);
		for (int i = 0; i < 2; i++)
			memcpy(&node->network.mask[i], get_bytes(from, 8), 8);
		break;
	case KIND_TEXT:
		node->text = get_varint(from);
		break;
	}
}

/* Each takes at least a byte: what promises more is damaged, and gets no memory. */
static bool get_count(struct bytes *from, uint32_t *count)
{
	uint64_t number = get_varint(from);

	if (number > (size_t)(from->end - from->at))
		from->bad = true;
	*count = from->bad ? 0 : number;
	return *count;
}

static int get_ranges(struct bytes *from, struct tree *tree)
{
	if (!get_count(from, &tree->range_count))
		return 0;
	tree->ranges = calloc(tree->range_count, sizeof(*tree->ranges));
	if (!tree->ranges)
		return -ENOMEM;
	for (uint32_t i = 0; i < tree->range_count; i++) {
		tree->ranges[i].first = get_varint(from);
		tree->ranges[i].last = get_varint(from);
	}
	return 0;
}

static int get_texts(struct bytes *from, struct tree *tree)
{
	if (!get_count(from, &tree->text_size))
		return 0;
	tree->texts = malloc(tree->text_size);
	if (!tree->texts)
		return -ENOMEM;
	memcpy(tree->texts, get_bytes(from, tree->text_size), tree->text_size);
	if (tree->texts[tree->text_size - 1])
		from->bad = true;
	return 0;
}

/* Is what it refers to there? */
static bool is_sound(const struct tree *tree, const struct node *node)
{
	switch (kind_of(node->field)) {
	case KIND_NUMBERS:
		return node->numbers.first <= tree->range_count &&
		       node->numbers.count <= tree->range_count - node->numbers.first;
	case KIND_TEXT:
		return node->text < tree->text_size;
	default:
		return true;
	}
}

/* Does each group lie within the one that it is in, and not too deep? */
static bool is_nested(const struct tree *tree)
{
	uint32_t ends[EXPRESSION_DEPTH + 2];
	unsigned int depth = 0;

	for (uint32_t i = 0; i < tree->count; i++) {
		const struct node *node = &tree->nodes[i];
		bool group = node->field == FIELD_GROUP;

		while (depth && ends[depth - 1] == i)
			depth--;
		if (!depth != !i || node->end <= i || (!group && node->end != i + 1) ||
		    node->end > (depth ? ends[depth - 1] : tree->count))
			return false;
		if (!group)
			continue;
		if (depth == sizeof(ends) / sizeof(ends[0]))
			return false;
		ends[depth++] = node->end;
	}
	return tree->nodes[0].field == FIELD_GROUP && tree->nodes[0].end == tree->count;
}

static int read_tree(struct bytes *from, struct tree *tree)
{
	int err;

	tree->nodes = calloc(tree->count, sizeof(*tree->nodes));
	if (!tree->nodes)
		return -ENOMEM;
	for (uint32_t i = 0; i < tree->count; i++) {
		get_node(from, &tree->nodes[i], i);
		tree->asks_lport |= tree->nodes[i].field == FIELD_LPORT;
	}
	err = get_ranges(from, tree) ?: get_texts(from, tree);
	if (err)
		return err;
	if (from->bad || !is_nested(tree))
		return -EBADMSG;
	for (uint32_t i = 0; i < tree->count; i++)
		if (!is_sound(tree, &tree->nodes[i]))
			return -EBADMSG;
	return 0;
}

int get_tree(struct bytes *from, struct tree **result)
{
	struct tree *tree;
	uint32_t count;
	int err;

	*result = NULL;
	if (!get_count(from, &count))
		return from->bad ? -EBADMSG : 0;
	tree = calloc(1, sizeof(*tree));
	if (!tree)
		return -ENOMEM;
	tree->count = count;
	err = read_tree(from, tree);
	if (err)
		tree__free(tree);
	else
		*result = tree;
	return err;
}
