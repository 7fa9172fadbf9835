// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Those values that are numbers, and how they are compared. */
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <string.h>

#include "../support/parse.h"
#include "values.h"

#define PORT_MAX 65535
#define PID_MAX	 4194304 /* PID_MAX_LIMIT, include/linux/threads.h */
#define UID_MAX	 (UINT32_MAX - 1)
#define NAME_LEN 255

/* Which numbers there are. */
struct kind {
	uint64_t max;
	/* What has this name, at most `max`. */
	bool (*named)(const char *name, uint64_t *number);
	const char *expected;
};

static bool service_named(const char *name, uint64_t *port)
{
	const struct servent *service = getservbyname(name, "tcp");

	if (service)
		*port = ntohs(service->s_port);
	return service;
}

static bool user_named(const char *name, uint64_t *uid)
{
	const struct passwd *user = getpwnam(name);

	if (user)
		*uid = user->pw_uid;
	return user;
}

static const struct kind ports = { PORT_MAX, service_named, "expected a port" };
static const struct kind pids = { PID_MAX, NULL, "expected a process number" };
static const struct kind uids = { UID_MAX, user_named, "expected a user's number or name" };

/* A number, a range or a name of `len` bytes. */
static bool read_item(const struct kind *kind, const char *text, size_t len,
		      struct number_range *range)
{
	const char *end = text;
	char name[NAME_LEN + 1];

	if (parse_c_number(&end, kind->max, &range->first)) {
		range->last = range->first;
		if (end == text + len)
			return true;
		if (*end == '-' && ++end && parse_c_number(&end, kind->max, &range->last) &&
		    end == text + len)
			return range->first <= range->last;
	}
	if (!kind->named || !len || len > NAME_LEN)
		return false;
	memcpy(name, text, len);
	name[len] = '\0';
	if (!kind->named(name, &range->first))
		return false;
	range->last = range->first;
	return true;
}

/* The numbers that compare so with this one, as a range; there may be none. */
static bool turn(enum token_kind sign, struct number_range *range)
{
	uint64_t number = range->first;

	switch (sign) {
	case TOKEN_LESS:
		*range = (struct number_range){ 0, number - 1 };
		return number;
	case TOKEN_AT_MOST:
		*range = (struct number_range){ 0, number };
		return true;
	case TOKEN_GREATER:
		*range = (struct number_range){ number + 1, UINT64_MAX };
		return number < UINT64_MAX;
	case TOKEN_AT_LEAST:
		*range = (struct number_range){ number, UINT64_MAX };
		return true;
	default:
		return true;
	}
}

static const char *put(struct tree *tree, struct node *node, enum token_kind sign,
		       struct number_range range)
{
	if (turn(sign, &range) && tree__add_range(tree, node, range.first, range.last))
		return parse_no_memory;
	return NULL;
}

static const char *read_list(const struct kind *kind, struct tree *tree, struct node *node,
			     enum token_kind sign, const char *word)
{
	bool ordered = sign != TOKEN_EQUAL && sign != TOKEN_DIFFERENT;
	const char *problem = NULL;
	struct number_range range;

	for (size_t len; !problem; word += len + 1) {
		len = strcspn(word, ",");
		if (!read_item(kind, word, len, &range))
			return kind->expected;
		if (ordered && (word[len] || range.first != range.last))
			return "expected one number to compare with";
		problem = put(tree, node, sign, range);
		if (!word[len])
			break;
	}
	return problem;
}

const char *value__ports(struct tree *tree, struct node *node, enum token_kind sign,
			 const char *word)
{
	if (*word == ':')
		word++;
	/* ss compares with a * as with no port at all; that a number is more makes no sense. */
	if (!strcmp(word, "*") && (sign == TOKEN_EQUAL || sign == TOKEN_DIFFERENT))
		return tree__add_range(tree, node, 0, PORT_MAX) ? parse_no_memory : NULL;
	return read_list(&ports, tree, node, sign, word);
}

const char *value__pids(struct tree *tree, struct node *node, enum token_kind sign,
			const char *word)
{
	return read_list(&pids, tree, node, sign, word);
}

const char *value__uids(struct tree *tree, struct node *node, enum token_kind sign,
			const char *word)
{
	return read_list(&uids, tree, node, sign, word);
}

/* A number with a fraction of at most nine digits, in units of `unit` ns: false if it is too large.
 */
static bool scale(uint64_t whole, const char *digits, size_t count, uint64_t unit, uint64_t *ns)
{
	uint64_t part = 0, step = unit;

	for (size_t i = 0; i < count; i++) {
		/* What is less than a nanosecond is nothing. */
		step /= 10;
		part += (digits[i] - '0') * step;
	}
	if (whole > (INT64_MAX - part) / unit)
		return false;
	*ns = whole * unit + part;
	return true;
}

static uint64_t unit_named(const char *name)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "", 1000000000 },
		{ "ns", 1 },
		{ "us", 1000 },
		{ "ms", 1000000 },
		{ "s", 1000000000 },
		{ "m", 60 * 1000000000ull },
		{ "h", 3600 * 1000000000ull },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(name, units[i].name))
			return units[i].ns;
	return 0;
}

const char *value__time(struct tree *tree, struct node *node, enum token_kind sign,
			const char *word)
{
	const char *digits = "", *end = word;
	size_t count = 0;
	uint64_t whole, unit, ns;

	if (!parse_number(&end, INT64_MAX, &whole))
		goto fail;
	if (*end == '.') {
		digits = end + 1;
		count = strspn(digits, "0123456789");
		end = digits + count;
		if (!count || count > 9)
			goto fail;
	}
	unit = unit_named(end);
	if (!unit || !scale(whole, digits, count, unit, &ns))
		goto fail;
	return put(tree, node, sign, (struct number_range){ ns, ns });
fail:
	return "expected a time, as in 500us, 10ms, 1.5s or 5m";
}
