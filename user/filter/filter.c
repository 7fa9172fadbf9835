// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "lexer.h"

static int need_tree(struct filter *filter)
{
	filter->tree = filter->tree ?: tree__new();
	return filter->tree ? 0 : -ENOMEM;
}

int filter__add(struct filter *filter, const char *expression, enum expression_subject subject,
		struct expression_error *error)
{
	if (need_tree(filter)) {
		*error = (struct expression_error){ parse_no_memory, 0 };
		return -ENOMEM;
	}
	return expression__parse(expression, subject, filter->tree, error);
}

/* Says it as an expression would. */
static int add(struct tree *tree, const struct node *node, const char *words)
{
	uint32_t number = tree->count;

	return tree__add(tree, node) ?: tree__say(tree, number, words, strlen(words));
}

static int add_family(struct tree *tree, unsigned int family)
{
	return add(tree, &(struct node){ .field = FIELD_FAMILY, .set = 1u << family },
		   family == 4 ? "family inet" : "family inet6");
}

/* "sport = 80,443,8000-8999"; NULL if there is no memory. */
static char *words_of_ranges(const char *name, const struct ranges *ranges)
{
	char *words = malloc(strlen(name) + 4 + ranges->count * strlen("4294967295-4294967295,"));
	char *end = words ? words + sprintf(words, "%s = ", name) : NULL;

	for (size_t i = 0; words && i < ranges->count; i++) {
		const struct range *range = &ranges->list[i];

		end += sprintf(end, "%s%u", i ? "," : "", range->first);
		if (range->last != range->first)
			end += sprintf(end, "-%u", range->last);
	}
	return words;
}

static int add_ranges(struct tree *tree, enum field field, const char *name,
		      const struct ranges *ranges)
{
	struct node node = { .field = field };
	char *words;
	int err = 0;

	if (!ranges->count)
		return 0;
	for (size_t i = 0; !err && i < ranges->count; i++)
		err = tree__add_range(tree, &node, ranges->list[i].first, ranges->list[i].last);
	words = words_of_ranges(name, ranges);
	if (!err)
		err = words ? add(tree, &node, words) : -ENOMEM;
	free(words);
	return err;
}

/* Would an expression take it for one word as it is? */
static bool is_word(const char *text)
{
	size_t end = 0;
	struct token token = lexer__next(text, &end);

	return token.kind == TOKEN_WORD && token.text == text && !text[end];
}

static int add_comm(struct tree *tree, const char *comm)
{
	const char *quote = is_word(comm) ? "" : strchr(comm, '"') ? "'" : "\"";
	struct node node = { .field = FIELD_PROGRAM };
	char *words;
	int err;

	if (asprintf(&words, "comm %s%s%s", quote, comm, quote) < 0)
		return -ENOMEM;
	err = tree__add_text(tree, &node, comm) ?: add(tree, &node, words);
	free(words);
	return err;
}

static int add_options(const struct filter *filter)
{
	const struct ranges netns = { filter->netns ? 1 : 0,
				      &(struct range){ filter->netns, filter->netns } };
	struct tree *tree = filter->tree;
	int err = filter->only_ipv4 ? add_family(tree, 4) : 0;

	if (!err && filter->only_ipv6)
		err = add_family(tree, 6);
	err = err ?: add_ranges(tree, FIELD_NETNS, "netns", &netns);
	err = err ?: add_ranges(tree, FIELD_RPORT, "dport", &filter->rports);
	err = err ?: add_ranges(tree, FIELD_PID, "pid", &filter->pids);
	if (!err && filter->comm)
		err = add_comm(tree, filter->comm);
	return err ?: add_ranges(tree, FIELD_LPORT, "sport", &filter->lports);
}

static bool has_options(const struct filter *filter)
{
	return filter->only_ipv4 || filter->only_ipv6 || filter->lports.count ||
	       filter->rports.count || filter->pids.count || filter->comm || filter->netns;
}

bool filter__is_empty(const struct filter *filter)
{
	return !filter->tree && !has_options(filter);
}

int filter__compile(struct filter *filter)
{
	if (!has_options(filter))
		return 0;
	return need_tree(filter) ?: add_options(filter);
}

void filter__free(struct filter *filter)
{
	tree__free(filter->tree);
	filter->tree = NULL;
}

bool filter__may_wait(const struct filter *filter)
{
	return filter->tree && filter->tree->asks_lport;
}

enum filter_verdict filter__match(const struct filter *filter, const struct transition *tr)
{
	const uint16_t *lport = &tr->lport;

	if (!filter->tree)
		return FILTER_PASS;
	/* tcp_v4_connect() changes the state before inet_hash_connect() chooses the port. */
	if (!tr->lport && tr->old_state == TCP_CLOSE && tr->new_state == TCP_SYN_SENT)
		lport = NULL;
	switch (evaluate(filter->tree, tr, lport)) {
	case TRUTH_YES:
		return FILTER_PASS;
	case TRUTH_OPEN:
		return FILTER_UNDECIDED;
	case TRUTH_NO:
		break;
	}
	return FILTER_DROP;
}

bool filter__match_socket(const struct filter *filter, const struct tcp_socket *socket)
{
	struct transition tr = {
		.netns = socket->netns,
		.lport = socket->lport,
		.rport = socket->rport,
		.family = socket->family,
		.old_state = socket->state,
		.new_state = socket->state,
		.state_ns = NOT_KNOWN,
		.laddr = socket->laddr,
		.raddr = socket->raddr,
		.owner = socket->owner,
		.life_ns = NOT_KNOWN,
	};

	return filter__match(filter, &tr) == FILTER_PASS;
}

bool filter__match_late(const struct filter *filter, const struct transition *tr, uint16_t lport)
{
	return evaluate(filter->tree, tr, &lport) == TRUTH_YES;
}
