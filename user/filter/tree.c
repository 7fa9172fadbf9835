// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct tree *tree__new(void)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	uint32_t root;

	if (tree && tree__open(tree, &(struct node){}, &root)) {
		tree__free(tree);
		return NULL;
	}
	return tree;
}

void tree__free(struct tree *tree)
{
	if (!tree)
		return;
	free(tree->nodes);
	free(tree->ranges);
	free(tree->texts);
	free(tree->words);
	free(tree);
}

int tree__add(struct tree *tree, const struct node *node)
{
	struct node *nodes = reallocarray(tree->nodes, tree->count + 1, sizeof(*nodes));

	if (!nodes)
		return -ENOMEM;
	tree->nodes = nodes;
	nodes[tree->count] = *node;
	nodes[tree->count].end = tree->count + 1;
	tree->count++;
	/* The first group is never closed. */
	nodes[0].end = tree->count;
	tree->asks_lport |= node->field == FIELD_LPORT;
	return 0;
}

int tree__open(struct tree *tree, const struct node *node, uint32_t *group)
{
	struct node opened = *node;

	opened.field = FIELD_GROUP;
	*group = tree->count;
	return tree__add(tree, &opened);
}

void tree__close(struct tree *tree, uint32_t group)
{
	tree->nodes[group].end = tree->count;
}

int tree__add_range(struct tree *tree, struct node *node, uint64_t first, uint64_t last)
{
	struct number_range *ranges = reallocarray(tree->ranges, tree->range_count + 1,
						   sizeof(*ranges));

	if (!ranges)
		return -ENOMEM;
	tree->ranges = ranges;
	if (!node->numbers.count)
		node->numbers.first = tree->range_count;
	node->numbers.count++;
	ranges[tree->range_count++] = (struct number_range){ first, last };
	return 0;
}

int tree__add_text(struct tree *tree, struct node *node, const char *text)
{
	size_t size = strlen(text) + 1;
	char *texts = realloc(tree->texts, tree->text_size + size);

	if (!texts)
		return -ENOMEM;
	tree->texts = texts;
	node->text = tree->text_size;
	memcpy(texts + tree->text_size, text, size);
	tree->text_size += size;
	return 0;
}

int tree__say(struct tree *tree, uint32_t node, const char *text, size_t len)
{
	/* The first byte is nobody's. */
	uint32_t at = tree->words_size ?: 1;
	char *words = realloc(tree->words, at + len + 1);

	if (!words)
		return -ENOMEM;
	tree->words = words;
	words[0] = words[at + len] = '\0';
	memcpy(words + at, text, len);
	tree->words_size = at + len + 1;
	tree->nodes[node].words = at;
	return 0;
}
