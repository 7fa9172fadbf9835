// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "lexer.h"

#include <string.h>

struct spelling {
	const char *text;
	enum token_kind kind;
};

/* What begins another one comes first. */
static const struct spelling signs[] = {
	{ "(", TOKEN_OPEN },	  { ")", TOKEN_CLOSE },	   { "&&", TOKEN_AND },
	{ "&", TOKEN_AND },	  { "||", TOKEN_OR },	   { "|", TOKEN_OR },
	{ "==", TOKEN_EQUAL },	  { "=", TOKEN_EQUAL },	   { "!=", TOKEN_DIFFERENT },
	{ "!", TOKEN_NOT },	  { "<=", TOKEN_AT_MOST }, { "<", TOKEN_LESS },
	{ ">=", TOKEN_AT_LEAST }, { ">", TOKEN_GREATER },
};

static const struct spelling words[] = {
	{ "not", TOKEN_NOT },	  { "and", TOKEN_AND },	     { "or", TOKEN_OR },
	{ "eq", TOKEN_EQUAL },	  { "ne", TOKEN_DIFFERENT }, { "neq", TOKEN_DIFFERENT },
	{ "lt", TOKEN_LESS },	  { "gt", TOKEN_GREATER },   { "le", TOKEN_AT_MOST },
	{ "leq", TOKEN_AT_MOST }, { "ge", TOKEN_AT_LEAST },  { "geq", TOKEN_AT_LEAST },
};

#define BLANKS " \t\n\v\f\r"

static bool ends_word(const char *p)
{
	return strchr(BLANKS "()&|=<>", *p) || (*p == '!' && p[1] == '=');
}

static struct token quoted(const char *start)
{
	const char *end = strchr(start + 1, *start);

	if (!end)
		return (struct token){ .kind = TOKEN_UNENDED, .text = start, .len = strlen(start) };
	return (struct token){
		.kind = TOKEN_WORD,
		.is_word = true,
		.text = start + 1,
		.len = end - start - 1,
	};
}

static struct token sign(const char *start)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t len = strlen(signs[i].text);

		if (!strncmp(start, signs[i].text, len))
			return (struct token){ .kind = signs[i].kind, .text = start, .len = len };
	}
	return (struct token){ .kind = TOKEN_WORD };
}

static struct token word(const char *start)
{
	struct token token = { .kind = TOKEN_WORD, .is_word = true, .text = start };

	/* strchr() finds the end of the string, too. */
	while (!ends_word(start + token.len))
		token.len++;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].text) == token.len && !strncmp(start, words[i].text, token.len))
			token.kind = words[i].kind;
	return token;
}

struct token lexer__next(const char *expression, size_t *position)
{
	const char *start = expression + *position;
	struct token token;

	start += strspn(start, BLANKS);
	if (!*start)
		token = (struct token){ .kind = TOKEN_END, .text = start };
	else if (*start == '"' || *start == '\'')
		token = quoted(start);
	else if ((token = sign(start)).kind == TOKEN_WORD)
		token = word(start);
	token.at = start - expression;
	*position = token.at + token.len;
	/* The quotes, of which text is one behind the first. */
	if (token.text != start)
		*position += 2;
	return token;
}
