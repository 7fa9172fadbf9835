// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * An expression becomes conditions that jump, written from its end to its beginning, so that it is
 * known where each of them leads. A condition that the kernel can't decide is not written: what
 * leads to it goes on to where more may pass, which is where it would go if it were fulfilled, or,
 * behind a `not`, if it were not.
 */
#include "pushdown.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../state.h"

/* No expression with so many nodes fits, and sequences are gone through by recursion. */
#define TREE_MAX 1024

/* Verdicts, among the numbers of nodes. */
#define PASS UINT32_MAX
#define DROP (UINT32_MAX - 1)

/* A node that may be left out yet; it jumps to those with lower numbers. */
struct draft {
	struct filter_node node;
	uint32_t in, out, unknown, open;
	bool reached;
	uint8_t number; /* in the program */
};

struct drafts {
	const struct tree *tree;
	uint32_t fields; /* that may be asked for */
	struct draft *list;
	uint32_t count;
	bool failed; /* there was no memory */
};

/* Where it goes on. */
struct goals {
	uint32_t yes, no;
	bool negated; /* what is open goes on as if it were no */
};

enum filter_field pushdown__field(enum field field)
{
	switch (field) {
	case FIELD_OLD:
		return FILTER_OLD;
	case FIELD_NEW:
		return FILTER_NEW;
	case FIELD_FAMILY:
		return FILTER_FAMILY;
	case FIELD_LPORT:
		return FILTER_LPORT;
	case FIELD_RPORT:
		return FILTER_RPORT;
	case FIELD_PID:
		return FILTER_PID;
	case FIELD_UID:
		return FILTER_UID;
	case FIELD_NETNS:
		return FILTER_NETNS;
	case FIELD_STATE_TIME:
		return FILTER_STATE_TIME;
	case FIELD_LIFE:
		return FILTER_LIFE;
	case FIELD_LADDR:
		return FILTER_LADDR;
	case FIELD_RADDR:
		return FILTER_RADDR;
	case FIELD_GROUP:
	case FIELD_PROGRAM:
	case FIELD_COMM:
	case FIELD_CGROUP:
	case FIELD_REASON:
		break;
	}
	return FILTER_FIELDS;
}

/* Returns where to begin: the new node, or where it would lead in any case. */
static uint32_t add(struct drafts *drafts, const struct draft *draft)
{
	struct draft *list;

	if (draft->in == draft->out && draft->in == draft->unknown && draft->in == draft->open)
		return draft->in;
	list = reallocarray(drafts->list, drafts->count + 1, sizeof(*list));
	if (!list) {
		drafts->failed = true;
		return PASS;
	}
	drafts->list = list;
	list[drafts->count] = *draft;
	return drafts->count++;
}

/* One behind the other. Where there are none, whatever the number is, it is in none of them. */
static uint32_t add_ranges(struct drafts *drafts, const struct node *node, struct draft *draft)
{
	const struct number_range *ranges = drafts->tree->ranges + node->numbers.first;

	if (!node->numbers.count) {
		draft->in = draft->out;
		return add(drafts, draft);
	}
	for (uint32_t i = node->numbers.count; i-- > 0;) {
		draft->node.range.first = ranges[i].first;
		draft->node.range.last = ranges[i].last;
		draft->out = add(drafts, draft);
	}
	return draft->out;
}

static uint32_t add_condition(struct drafts *drafts, const struct node *node,
			      const struct goals *goals)
{
	enum filter_field field = pushdown__field(node->field);
	struct draft draft = {
		.node = { .field = field },
		.in = node->differs ? goals->no : goals->yes,
		.out = node->differs ? goals->yes : goals->no,
		.unknown = goals->no,
		.open = goals->negated ? goals->no : goals->yes,
	};

	if (!(drafts->fields & FILTER_BIT(field)))
		return draft.open;
	if (field < FILTER_SETS) {
		draft.node.set = node->set;
		return add(drafts, &draft);
	}
	if (field < FILTER_LADDR)
		return add_ranges(drafts, node, &draft);
	memcpy(draft.node.network.value, node->network.value, sizeof(node->network.value));
	memcpy(draft.node.network.mask, node->network.mask, sizeof(node->network.mask));
	draft.node.only_ipv6 = node->network.only_ipv6;
	return add(drafts, &draft);
}

static uint32_t add_group(struct drafts *drafts, const struct node *top, const struct goals *goals);

static uint32_t add_node(struct drafts *drafts, const struct node *node, const struct goals *goals)
{
	struct goals turned = { goals->no, goals->yes, !goals->negated };

	if (node->negated)
		goals = &turned;
	return node->field == FIELD_GROUP ? add_group(drafts, node, goals)
					  : add_condition(drafts, node, goals);
}

/*
 * Those that follow in a group. From left to right: what is fulfilled so far goes on to the next
 * that is joined by `and`, what is not to the next by `or`. goals: in front of what has been added,
 * where these two are.
 */
static void add_rest(struct drafts *drafts, const struct node *node, const struct node *end,
		     struct goals *goals)
{
	uint32_t begin;

	if (node == end)
		return;
	add_rest(drafts, drafts->tree->nodes + node->end, end, goals);
	begin = add_node(drafts, node, goals);
	*(node->alternative ? &goals->no : &goals->yes) = begin;
}

static uint32_t add_group(struct drafts *drafts, const struct node *top, const struct goals *goals)
{
	struct goals rest = *goals;

	add_rest(drafts, top + 1, drafts->tree->nodes + top->end, &rest);
	return rest.yes;
}

static void reach(struct drafts *drafts, uint32_t number)
{
	if (number < drafts->count)
		drafts->list[number].reached = true;
}

static uint8_t place_of(const struct drafts *drafts, uint32_t number)
{
	if (number < drafts->count)
		return drafts->list[number].number;
	return number == PASS ? FILTER_PASS : FILTER_DROP;
}

/* Copies what can be reached. Returns false if it is too much. */
static bool assemble(struct drafts *drafts, uint32_t entry, struct filter_program *program)
{
	uint8_t count = 0;

	reach(drafts, entry);
	for (uint32_t i = drafts->count; i-- > 0;) {
		struct draft *draft = &drafts->list[i];

		if (!draft->reached)
			continue;
		if (count == FILTER_NODES)
			return false;
		draft->number = count++;
		reach(drafts, draft->in);
		reach(drafts, draft->out);
		reach(drafts, draft->unknown);
		reach(drafts, draft->open);
	}
	for (uint32_t i = 0; i < drafts->count; i++) {
		const struct draft *draft = &drafts->list[i];
		struct filter_node *node = &program->nodes[draft->number];

		if (!draft->reached)
			continue;
		*node = draft->node;
		node->in = place_of(drafts, draft->in);
		node->out = place_of(drafts, draft->out);
		node->unknown = place_of(drafts, draft->unknown);
		node->open = place_of(drafts, draft->open);
		program->fields |= FILTER_BIT(node->field);
	}
	program->entry = place_of(drafts, entry);
	program->count = count;
	return true;
}

/* Returns 1, 0 if it is too large, or -ENOMEM. */
static int compile(const struct tree *tree, uint32_t fields, struct filter_program *program)
{
	struct drafts drafts = { .tree = tree, .fields = fields };
	struct goals goals = { PASS, DROP, false };
	uint32_t entry = add_node(&drafts, tree->nodes, &goals);
	int result = drafts.failed ? -ENOMEM : assemble(&drafts, entry, program);

	free(drafts.list);
	return result;
}

/* Behind a `not`, what has no owner goes on as what may pass does. */
static bool lets_strangers_pass(const struct filter_program *rows)
{
	for (unsigned int i = 0; i < rows->count; i++) {
		const struct filter_node *node = &rows->nodes[i];

		if (FILTER_OWNER & FILTER_BIT(node->field) && node->unknown == node->open)
			return true;
	}
	return false;
}

/* May a row with such states pass, whatever else it is? */
static bool may_pass(const struct filter_program *rows, uint32_t old, uint32_t new)
{
	const struct filter_facts facts = {
		.sets = { [FILTER_OLD] = old, [FILTER_NEW] = new, [FILTER_FAMILY] = UINT32_MAX },
		.open = PUSHDOWN_OF_ROWS,
	};

	return filter_program__run(rows, &facts);
}

static void sum_up(struct pushdown *pushdown, const struct tree *tree)
{
	struct filter_program *rows = &pushdown->rows;

	pushdown->requests = may_pass(rows, FILTER_REQUEST_OLD, FILTER_REQUEST_NEW);
	pushdown->timewaits = may_pass(rows, FILTER_TIMEWAIT_OLD, FILTER_TIMEWAIT_NEW);
	pushdown->strangers = lets_strangers_pass(rows);
	/* Whoever asks what is wanted for either looks there. */
	rows->fields |= pushdown->connections.fields;
	/* The row that tells a client's local port must come, also where only names need it. */
	if (tree && tree->asks_lport && rows->entry != FILTER_PASS)
		rows->fields |= FILTER_BIT(FILTER_LPORT);
}

static const struct filter_program nothing = { .entry = FILTER_PASS };

int pushdown__compile(struct pushdown *pushdown, const struct tree *tree)
{
	int fits = !tree || tree->count <= TREE_MAX;

	*pushdown = (struct pushdown){ .connections = nothing, .rows = nothing };
	if (tree && fits)
		fits = compile(tree, PUSHDOWN_OF_ROWS, &pushdown->rows);
	if (tree && fits > 0)
		fits = compile(tree, PUSHDOWN_OF_CONNECTIONS, &pushdown->connections);
	if (fits <= 0)
		*pushdown = (struct pushdown){
			.connections = nothing,
			.rows = nothing,
			.too_large = true,
		};
	sum_up(pushdown, tree);
	return fits < 0 ? fits : 0;
}

bool pushdown__filters(const struct pushdown *pushdown)
{
	return pushdown->connections.entry != FILTER_PASS || pushdown->rows.entry != FILTER_PASS;
}
