// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "evaluate.h"

#include <fnmatch.h>
#include <string.h>

struct subject {
	const struct tree *tree;
	const struct transition *tr;
	const uint16_t *lport;
};

/* Returns false if it is not known. */
static bool number_of(const struct subject *subject, enum field field, uint64_t *number)
{
	const struct transition *tr = subject->tr;
	bool owned = tr->owner.how != OWNER_UNKNOWN;
	int64_t value = NOT_KNOWN;

	switch (field) {
	case FIELD_LPORT:
		value = subject->lport ? *subject->lport : NOT_KNOWN;
		break;
	case FIELD_RPORT:
		value = tr->rport;
		break;
	case FIELD_PID:
		value = owned ? (int64_t)tr->owner.pid : NOT_KNOWN;
		break;
	case FIELD_UID:
		value = owned ? (int64_t)tr->owner.uid : NOT_KNOWN;
		break;
	case FIELD_NETNS:
		value = tr->netns;
		break;
	case FIELD_STATE_TIME:
		value = tr->state_ns;
		break;
	case FIELD_LIFE:
		value = transition__is_end(tr) ? tr->life_ns : NOT_KNOWN;
		break;
	default:
		break;
	}
	*number = value;
	return value >= 0;
}

static enum truth in_ranges(const struct subject *subject, const struct node *node)
{
	const struct number_range *range;
	bool found = false;
	uint64_t number;

	if (!number_of(subject, node->field, &number))
		return node->field == FIELD_LPORT ? TRUTH_OPEN : TRUTH_NO;
	/* There may be no ranges at all, as for sport < 0. */
	for (uint32_t i = 0; i < node->numbers.count && !found; i++) {
		range = &subject->tree->ranges[node->numbers.first + i];
		found = number >= range->first && number <= range->last;
	}
	return found != node->differs ? TRUTH_YES : TRUTH_NO;
}

static bool in_network(const struct network *network, const struct in6_addr *address)
{
	uint64_t bits[2];

	memcpy(bits, address, sizeof(bits));
	return (bits[0] & network->mask[0]) == network->value[0] &&
	       (bits[1] & network->mask[1]) == network->value[1] &&
	       !(network->only_ipv6 && IN6_IS_ADDR_V4MAPPED(address));
}

/* NULL: not known. */
static const char *text_of(const struct transition *tr, enum field field)
{
	if (field == FIELD_REASON)
		return transition__reason(tr);
	if (tr->owner.how == OWNER_UNKNOWN)
		return NULL;
	return field == FIELD_CGROUP ? tr->owner.cgroup : tr->owner.comm;
}

static bool is_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	return !strncmp(path, top, len) && (!path[len] || path[len] == '/');
}

static bool matches(enum field field, const char *wanted, const char *text)
{
	switch (field) {
	case FIELD_PROGRAM:
		return !strncmp(text, wanted, OWNER_COMM_LEN - 1);
	case FIELD_COMM:
		return !fnmatch(wanted, text, 0);
	case FIELD_CGROUP:
		return is_below(text, wanted);
	default:
		return !strcmp(text, wanted);
	}
}

static bool has_text(const struct subject *subject, const struct node *node)
{
	const char *text = text_of(subject->tr, node->field);

	return text &&
	       matches(node->field, subject->tree->texts + node->text, text) != node->differs;
}

/* What is none of the numbers is no state and no family. */
static bool in_set(const struct node *node, unsigned int number)
{
	return (number < 32 && node->set >> number & 1) != node->differs;
}

static bool is_met(const struct subject *subject, const struct node *node)
{
	const struct transition *tr = subject->tr;

	switch (node->field) {
	case FIELD_OLD:
		return in_set(node, tr->old_state);
	case FIELD_NEW:
		return in_set(node, tr->new_state);
	case FIELD_FAMILY:
		return in_set(node, tr->family);
	case FIELD_LADDR:
		return in_network(&node->network, &tr->laddr) != node->differs;
	case FIELD_RADDR:
		return in_network(&node->network, &tr->raddr) != node->differs;
	default:
		return has_text(subject, node);
	}
}

static enum truth group(const struct subject *subject, const struct node *top);

static enum truth judge(const struct subject *subject, const struct node *node)
{
	enum truth truth;

	if (node->field == FIELD_GROUP)
		truth = group(subject, node);
	else if (node->field >= FIELD_LPORT && node->field <= FIELD_LIFE)
		truth = in_ranges(subject, node);
	else
		truth = is_met(subject, node) ? TRUTH_YES : TRUTH_NO;
	return node->negated ? TRUTH_YES - truth : truth;
}

/* From left to right: and is not stronger than or. */
static enum truth group(const struct subject *subject, const struct node *top)
{
	const struct node *nodes = subject->tree->nodes, *end = nodes + top->end;
	enum truth sofar = TRUTH_YES, truth;

	for (const struct node *node = top + 1; node < end; node = nodes + node->end) {
		if (sofar == (node->alternative ? TRUTH_YES : TRUTH_NO))
			continue;
		truth = judge(subject, node);
		if (node->alternative ? truth > sofar : truth < sofar)
			sofar = truth;
	}
	return sofar;
}

enum truth evaluate(const struct tree *tree, const struct transition *tr, const uint16_t *lport)
{
	struct subject subject = { tree, tr, lport };

	return judge(&subject, tree->nodes);
}
