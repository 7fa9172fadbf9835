/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words and signs of an expression. Words end at blanks and at signs, ! only begins one; what
 * stands between quotes, ' or ", is one word with whatever is in it.
 */
#ifndef TCPFLUX_LEXER_H
#define TCPFLUX_LEXER_H

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_NOT,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_EQUAL,
	TOKEN_DIFFERENT,
	TOKEN_LESS,
	TOKEN_GREATER,
	TOKEN_AT_MOST,
	TOKEN_AT_LEAST,
	TOKEN_UNENDED, /* a quote without its end */
};

struct token {
	enum token_kind kind;
	bool is_word;	  /* letters: `and` is one, too, where a word is expected; && is none */
	size_t at;	  /* its first byte, a quote included */
	const char *text; /* without quotes, not ended */
	size_t len;
};

/* The token at or behind *position, which moves behind it. */
struct token lexer__next(const char *expression, size_t *position);

#endif
