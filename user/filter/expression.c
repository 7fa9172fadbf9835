// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The grammar, one function for each rule:
 *
 *	expression = [sequence]
 *	sequence   = states chain | chain
 *	chain      = term { ["and" | "or"] term }
 *	term       = {"not"} ("(" sequence ")" | states | condition)
 *	states     = ("state" | "exclude") ["="] STATE { ("state" | "exclude") ["="] STATE }
 *	condition  = ("src" | "dst") [EQUALITY] HOST
 *	           | ("sport" | "dport") [COMPARISON] PORT
 *	           | FIELD [COMPARISON] VALUE
 *
 * A chain is read from left to right: and is not stronger than or. The manual of ss says it is, but
 * its grammar does not, and neither do its lists. What begins with states means them for all that
 * follows, be it joined by or: ss takes them apart before it reads the rest.
 */
#include "expression.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../support/parse.h"
#include "host.h"
#include "lexer.h"
#include "states.h"
#include "values.h"

struct parser {
	const char *text;
	size_t position;    /* behind the token */
	size_t end;	    /* of the one before it */
	struct token token; /* the next one */
	char *word;	    /* room for any word of the text, and a NUL */
	unsigned int depth;
	enum expression_subject subject;
	struct tree *tree;
	struct expression_error *error;
};

static const struct field_row {
	const char *name;
	enum field field;
	value_fn *read;	     /* NULL: an end of the connection, see host.h */
	bool ordered;	     /* may be compared by < and the like */
	bool of_transitions; /* sockets have none */
} fields[] = {
	{ "src", FIELD_LADDR, NULL, false, false },
	{ "dst", FIELD_RADDR, NULL, false, false },
	{ "sport", FIELD_LPORT, NULL, true, false },
	{ "dport", FIELD_RPORT, NULL, true, false },
	{ "family", FIELD_FAMILY, value__family, false, false },
	{ "pid", FIELD_PID, value__pids, true, false },
	{ "uid", FIELD_UID, value__uids, true, false },
	{ "comm", FIELD_COMM, value__comm, false, false },
	{ "netns", FIELD_NETNS, value__netns, false, false },
	{ "cgroup", FIELD_CGROUP, value__cgroup, false, false },
	{ "old", FIELD_OLD, value__states, false, true },
	{ "new", FIELD_NEW, value__states, false, true },
	{ "reason", FIELD_REASON, value__reason, false, true },
	{ "state_time", FIELD_STATE_TIME, value__time, true, true },
	{ "life", FIELD_LIFE, value__time, true, true },
};

static bool is_word(const struct token *token, const char *word)
{
	return token->is_word && token->len == strlen(word) &&
	       !strncmp(token->text, word, token->len);
}

static const struct field_row *field_named(const struct token *token)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (is_word(token, fields[i].name))
			return &fields[i];
	return NULL;
}

static bool begins_states(const struct token *token)
{
	return is_word(token, "state") || is_word(token, "exclude") || is_word(token, "excl");
}

static void advance(struct parser *parser)
{
	parser->end = parser->position;
	parser->token = lexer__next(parser->text, &parser->position);
}

static int refuse_at(struct parser *parser, size_t at, const char *problem)
{
	*parser->error = (struct expression_error){ problem, at };
	return problem == parse_no_memory ? -ENOMEM : -EINVAL;
}

/* At the token that stands next. */
static int refuse(struct parser *parser, const char *problem)
{
	if (parser->token.kind == TOKEN_UNENDED)
		problem = "expected the quote to end";
	return refuse_at(parser, parser->token.at, problem);
}

/* The word that stands next, ended by a NUL; passes over it. NULL: it is none. */
static const char *take_word(struct parser *parser)
{
	if (!parser->token.is_word)
		return NULL;
	memcpy(parser->word, parser->token.text, parser->token.len);
	parser->word[parser->token.len] = '\0';
	advance(parser);
	return parser->word;
}

/* An operator, or = if there is none. */
static enum token_kind take_sign(struct parser *parser)
{
	enum token_kind sign = parser->token.kind;

	if (sign < TOKEN_EQUAL || sign > TOKEN_AT_LEAST)
		return TOKEN_EQUAL;
	advance(parser);
	return sign;
}

static int parse_state(struct parser *parser, uint32_t *states)
{
	const char *expected = "expected a state, as in established, or a group of them";
	size_t at;
	const char *word;

	advance(parser);
	if (parser->token.kind == TOKEN_EQUAL)
		advance(parser);
	at = parser->token.at;
	word = take_word(parser);
	if (!word)
		return refuse(parser, expected);
	*states = states__as_ss(states__named(word));
	return *states ? 0 : refuse_at(parser, at, expected);
}

/* As ss has it: each state is added to those before or, by exclude, taken from them. */
static int parse_states(struct parser *parser, struct node *node)
{
	bool first = true, excluded;
	uint32_t states;
	int err;

	node->field = FIELD_NEW;
	for (; begins_states(&parser->token); first = false) {
		excluded = !is_word(&parser->token, "state");
		err = parse_state(parser, &states);
		if (err)
			return err;
		if (first && excluded)
			node->set = STATES_ALL;
		node->set = excluded ? node->set & ~states : node->set | states;
	}
	return tree__add(parser->tree, node) ? refuse(parser, parse_no_memory) : 0;
}

/* What is no word is refused as the empty one would be. */
static int parse_end(struct parser *parser, const struct field_row *row, enum token_kind sign,
		     struct node *node)
{
	size_t at = parser->token.at;
	char none[] = "", *word = take_word(parser) ? parser->word : none;
	const char *problem = row->ordered ? host__read_port(parser->tree, node, sign, word)
					   : host__read(parser->tree, node, word);

	return problem ? refuse_at(parser, at, problem) : 0;
}

static int parse_value(struct parser *parser, const struct field_row *row, enum token_kind sign,
		       struct node *node)
{
	size_t at = parser->token.at;
	const char *word, *problem;

	word = take_word(parser) ?: "";
	problem = row->read(parser->tree, node, sign, word);
	if (problem)
		return refuse_at(parser, at, problem);
	return tree__add(parser->tree, node) ? refuse(parser, parse_no_memory) : 0;
}

static int parse_condition(struct parser *parser, struct node *node)
{
	const struct field_row *row = field_named(&parser->token);
	enum token_kind sign;
	size_t at;

	if (!row)
		return refuse(parser,
			      parser->token.len && *parser->token.text == '-'
				      ? "expected a condition; options stand before the expression"
				      : "expected a condition");
	if (row->of_transitions && parser->subject == ABOUT_SOCKETS)
		return refuse(parser, "expected what a socket has; only transitions have this");
	node->field = row->field;
	advance(parser);
	at = parser->token.at;
	sign = take_sign(parser);
	if (sign > TOKEN_DIFFERENT && !row->ordered)
		return refuse_at(parser, at, "expected = or !=");
	node->differs = sign == TOKEN_DIFFERENT;
	if (parser->token.kind == TOKEN_UNENDED)
		return refuse(parser, NULL);
	return row->read ? parse_value(parser, row, sign, node)
			 : parse_end(parser, row, sign, node);
}

static int parse_sequence(struct parser *parser);

static int parse_group(struct parser *parser, struct node *node)
{
	uint32_t group;
	int err;

	if (parser->depth == EXPRESSION_DEPTH)
		return refuse(parser, "expected fewer parentheses within each other");
	parser->depth++;
	advance(parser);
	if (tree__open(parser->tree, node, &group))
		return refuse(parser, parse_no_memory);
	err = parse_sequence(parser);
	if (err)
		return err;
	if (parser->token.kind != TOKEN_CLOSE)
		return refuse(parser, "expected ) or another condition");
	advance(parser);
	tree__close(parser->tree, group);
	parser->depth--;
	return 0;
}

/* What needs no parentheses; from `at` on, as it stands there. */
static int parse_said(struct parser *parser, struct node *node, size_t at)
{
	uint32_t number = parser->tree->count;
	int err = begins_states(&parser->token) ? parse_states(parser, node)
						: parse_condition(parser, node);

	if (!err && tree__say(parser->tree, number, parser->text + at, parser->end - at))
		return refuse(parser, parse_no_memory);
	return err;
}

static int parse_term(struct parser *parser, bool alternative)
{
	struct node node = { .alternative = alternative };
	size_t at = parser->token.at;

	for (; parser->token.kind == TOKEN_NOT; advance(parser))
		node.negated = !node.negated;
	if (parser->token.kind == TOKEN_OPEN)
		return parse_group(parser, &node);
	return parse_said(parser, &node, at);
}

/* What follows a first term. */
static int parse_rest(struct parser *parser)
{
	int err = 0;

	while (!err && parser->token.kind != TOKEN_END && parser->token.kind != TOKEN_CLOSE) {
		bool alternative = parser->token.kind == TOKEN_OR;

		if (alternative || parser->token.kind == TOKEN_AND)
			advance(parser);
		err = parse_term(parser, alternative);
	}
	return err;
}

static int parse_chain(struct parser *parser)
{
	return parse_term(parser, false) ?: parse_rest(parser);
}

static int parse_sequence(struct parser *parser)
{
	bool has_states = begins_states(&parser->token);
	uint32_t group;
	int err = parse_term(parser, false);

	if (err)
		return err;
	switch (parser->token.kind) {
	case TOKEN_END:
	case TOKEN_CLOSE:
		return 0;
	case TOKEN_AND:
	case TOKEN_OR:
		return parse_rest(parser);
	default:
		break;
	}
	if (!has_states)
		return parse_rest(parser);
	if (tree__open(parser->tree, &(struct node){}, &group))
		return refuse(parser, parse_no_memory);
	err = parse_chain(parser);
	tree__close(parser->tree, group);
	return err;
}

static int parse_all(struct parser *parser)
{
	uint32_t group;
	int err;

	advance(parser);
	if (parser->token.kind == TOKEN_END)
		return 0;
	if (tree__open(parser->tree, &(struct node){}, &group))
		return refuse(parser, parse_no_memory);
	err = parse_sequence(parser);
	if (err)
		return err;
	if (parser->token.kind != TOKEN_END)
		return refuse(parser, "expected no ) without a (");
	tree__close(parser->tree, group);
	return 0;
}

int expression__parse(const char *text, enum expression_subject subject, struct tree *tree,
		      struct expression_error *error)
{
	struct parser parser = { .text = text, .subject = subject, .tree = tree, .error = error };
	size_t len = strlen(text);
	int err;

	if (len > EXPRESSION_MAX)
		return refuse_at(&parser, 0, "expected at most 65535 bytes");
	parser.word = malloc(len + 1);
	if (!parser.word)
		return refuse_at(&parser, 0, parse_no_memory);
	err = parse_all(&parser);
	free(parser.word);
	return err;
}

bool expression__begins_with(const char *word)
{
	size_t position = 0;
	struct token token = lexer__next(word, &position);

	return token.kind == TOKEN_OPEN || token.kind == TOKEN_NOT || begins_states(&token) ||
	       field_named(&token);
}
