// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "wording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pushdown.h"

struct wording {
	const struct tree *tree;
	bool in_kernel; /* without what the kernel knows nothing of */
	char *text;	/* there is room for all of it */
	size_t len;
};

/* What a part has been found to say. */
enum saying { SAYS_NOTHING, SAYS_SOMETHING, SAYS_MUCH };

static const char *words_of(const struct wording *w, const struct node *node)
{
	return w->tree->words + node->words;
}

static void put(struct wording *w, const char *text)
{
	size_t len = strlen(text);

	memcpy(w->text + w->len, text, len + 1);
	w->len += len;
}

/* In front of what has been written since. */
static void insert(struct wording *w, size_t at, const char *text)
{
	size_t len = strlen(text);

	memmove(w->text + at + len, w->text + at, w->len + 1 - at);
	memcpy(w->text + at, text, len);
	w->len += len;
}

static void take_back(struct wording *w, size_t len)
{
	w->len = len;
	w->text[len] = '\0';
}

static enum saying put_group(struct wording *w, const struct node *top, bool negated);

/* negated: by an odd number of `not` in all. */
static enum saying put_node(struct wording *w, const struct node *node, bool negated)
{
	enum saying saying = SAYS_SOMETHING;
	size_t begin = w->len;

	if (node->words)
		put(w, words_of(w, node));
	else if (node->field == FIELD_GROUP)
		saying = put_group(w, node, negated != node->negated);
	if (w->in_kernel && node->field != FIELD_GROUP &&
	    pushdown__field(node->field) == FILTER_FIELDS)
		saying = SAYS_NOTHING;
	if (saying == SAYS_NOTHING) {
		take_back(w, begin);
		return saying;
	}
	if (saying == SAYS_MUCH) {
		insert(w, begin, "( ");
		put(w, " )");
	}
	if (node->negated && !node->words)
		insert(w, begin, "not ");
	return SAYS_SOMETHING;
}

/*
 * From left to right. What is not known counts as fulfilled, or, behind a `not`, as not fulfilled:
 * joined by one word it changes nothing, joined by the other nothing before it matters.
 */
static enum saying put_group(struct wording *w, const struct node *top, bool negated)
{
	const struct node *nodes = w->tree->nodes, *end = nodes + top->end;
	bool open = false; /* what is there so far */
	size_t begin = w->len;
	unsigned int parts = 0;

	for (const struct node *node = top + 1; node < end; node = nodes + node->end) {
		bool absorbs = node->alternative != negated;
		size_t before = w->len;

		if (open && absorbs)
			continue;
		if (parts)
			put(w, node->alternative ? " or " : " and ");
		if (put_node(w, node, negated)) {
			parts++;
			open = false;
			continue;
		}
		take_back(w, before);
		if (!parts || absorbs) {
			take_back(w, begin);
			parts = 0;
			open = true;
		}
	}
	if (!parts)
		return SAYS_NOTHING;
	return parts > 1 ? SAYS_MUCH : SAYS_SOMETHING;
}

static bool is_decided(const struct tree *tree, const struct node *top)
{
	for (const struct node *node = top; node < tree->nodes + top->end; node++)
		if (node->field != FIELD_GROUP && pushdown__field(node->field) == FILTER_FIELDS)
			return false;
	return true;
}

/* Must all of them hold? */
static bool is_list(const struct tree *tree, const struct node *top)
{
	const struct node *nodes = tree->nodes, *end = nodes + top->end;

	if (top->field != FIELD_GROUP || top->negated || top->words)
		return false;
	for (const struct node *node = top + 1; node < end; node = nodes + node->end)
		if (node->alternative)
			return false;
	return true;
}

static void put_undecided(struct wording *w, const struct node *top)
{
	const struct node *nodes = w->tree->nodes, *end = nodes + top->end;

	if (is_decided(w->tree, top))
		return;
	if (!is_list(w->tree, top)) {
		if (w->len)
			put(w, " and ");
		put_node(w, top, false);
		return;
	}
	for (const struct node *node = top + 1; node < end; node = nodes + node->end)
		put_undecided(w, node);
}

/* The group of all, without parentheses around it. */
static const struct node *outermost(const struct tree *tree)
{
	const struct node *nodes = tree->nodes, *top = nodes;

	while (top->end > (uint32_t)(top + 1 - nodes) && top[1].field == FIELD_GROUP &&
	       top[1].end == top->end && !top[1].negated && !top[1].words)
		top++;
	return top;
}

static struct wording begin(const struct tree *tree, bool in_kernel)
{
	/* Of a node its words, a `not`, a word between two, and parentheses. */
	size_t room = tree->words_size + tree->count * strlen("not  and (  )") + 1;

	return (struct wording){ .tree = tree, .in_kernel = in_kernel, .text = calloc(1, room) };
}

char *wording__in_kernel(const struct tree *tree)
{
	struct wording w = begin(tree, true);
	struct pushdown pushdown;

	if (w.text && (pushdown__compile(&pushdown, tree) || pushdown.too_large))
		return w.text;
	if (w.text)
		put_group(&w, outermost(tree), false);
	return w.text;
}

char *wording__behind(const struct tree *tree)
{
	const struct node *top = outermost(tree);
	struct wording w = begin(tree, false);
	struct pushdown pushdown;

	if (!w.text)
		return NULL;
	if (pushdown__compile(&pushdown, tree) || pushdown.too_large ||
	    (!is_list(tree, top) && !is_decided(tree, top)))
		put_group(&w, top, false);
	else
		put_undecided(&w, top);
	return w.text;
}
