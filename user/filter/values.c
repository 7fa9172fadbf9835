// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "values.h"

#include <stdio.h>
#include <string.h>

#include "../support/netns.h"
#include "../support/parse.h"
#include "../transition.h"
#include "states.h"

#define ERRNO_MAX                                                                                  \
	133 /* EHWPOISON, include/uapi/asm-generic/errno.h; a few numbers have no name             \
	     */

const char *value__states(struct tree *tree, struct node *node, enum token_kind sign,
			  const char *word)
{
	(void)tree, (void)sign;
	node->set = states__named(word);
	return node->set ? NULL : "expected a state, as in established, or a group of them";
}

const char *value__family(struct tree *tree, struct node *node, enum token_kind sign,
			  const char *word)
{
	static const struct {
		const char *name;
		unsigned int family;
	} names[] = { { "4", 4 }, { "ipv4", 4 }, { "inet", 4 },
		      { "6", 6 }, { "ipv6", 6 }, { "inet6", 6 } };

	(void)tree, (void)sign;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcasecmp(word, names[i].name)) {
			node->set = 1u << names[i].family;
			return NULL;
		}
	}
	return "expected inet or inet6";
}

const char *value__netns(struct tree *tree, struct node *node, enum token_kind sign,
			 const char *word)
{
	const char *problem;
	uint32_t inode;

	(void)sign;
	problem = parse_netns(word, &inode);
	if (problem)
		return problem;
	return tree__add_range(tree, node, inode, inode) ? parse_no_memory : NULL;
}

static const char *put_text(struct tree *tree, struct node *node, const char *text)
{
	return tree__add_text(tree, node, text) ? parse_no_memory : NULL;
}

const char *value__comm(struct tree *tree, struct node *node, enum token_kind sign,
			const char *word)
{
	(void)sign;
	if (!*word)
		return "expected a program's name, as in nginx or nginx*";
	node->field = strpbrk(word, "*?[\\") ? FIELD_COMM : FIELD_PROGRAM;
	return put_text(tree, node, word);
}

const char *value__cgroup(struct tree *tree, struct node *node, enum token_kind sign,
			  const char *word)
{
	const char *problem = *word == '/' ? NULL : "expected a cgroup's path, as in /system.slice";
	size_t len = strlen(word);

	(void)sign;
	problem = problem ?: put_text(tree, node, word);
	/* All below "/a/" is below "/a", and all below "/" is below "". */
	while (!problem && len && word[len - 1] == '/')
		tree->texts[node->text + --len] = '\0';
	return problem;
}

/* NULL: no errno is called so. */
static const char *reason_of_errno(const char *word)
{
	for (int number = 1; number <= ERRNO_MAX; number++) {
		const char *name = strerrorname_np(number);
		const struct transition end = { .new_state = TCP_CLOSE, .error = number };

		if (name && !strcasecmp(name, word))
			return transition__reason(&end);
	}
	return NULL;
}

const char *value__reason(struct tree *tree, struct node *node, enum token_kind sign,
			  const char *word)
{
	static const char *const reasons[] = { "fin",	  "reset",   "refused",
					       "timeout", "aborted", "closed" };
	const char *reason;

	(void)sign;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (!strcasecmp(word, reasons[i]))
			return put_text(tree, node, reasons[i]);
	/* ECONNRESET is called reset. */
	reason = reason_of_errno(word);
	if (reason)
		return put_text(tree, node, reason);
	return "expected fin, reset, refused, timeout, aborted, closed or an errno's name";
}
