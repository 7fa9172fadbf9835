/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every unit test includes: cmocka with what it wants before it, and a few small helpers. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* cmocka hands every test a state that none of them here needs. */
#define TEST(name) static void name(void **state __attribute__((unused)))

#define RUN(...)                                                                                   \
	int main(void)                                                                             \
	{                                                                                          \
		const struct CMUnitTest tests[] = { __VA_ARGS__ };                                 \
		return cmocka_run_group_tests(tests, NULL, NULL);                                  \
	}

/* The next of a sequence that looks random and is the same in every run (xorshift64). */
static inline uint64_t unit__random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* All that was written to a file, as a string in `text`; closes the file. */
static inline const char *unit__read(FILE *file, char *text, size_t size)
{
	size_t len;

	rewind(file);
	len = fread(text, 1, size - 1, file);
	text[len] = '\0';
	fclose(file);
	return text;
}

/* Standard output or error, kept from the terminal for a test to read. */
struct captured {
	FILE *stream, *file;
	int saved;
	char text[4096];
};

static inline void unit__capture(struct captured *captured, FILE *stream)
{
	fflush(stream);
	captured->stream = stream;
	captured->saved = dup(fileno(stream));
	captured->file = tmpfile();
	assert_non_null(captured->file);
	dup2(fileno(captured->file), fileno(stream));
}

static inline void unit__capture_stderr(struct captured *captured)
{
	unit__capture(captured, stderr);
}

/* Gives the stream back and returns what was written to it. */
static inline const char *unit__captured(struct captured *captured)
{
	fflush(captured->stream);
	dup2(captured->saved, fileno(captured->stream));
	close(captured->saved);
	return unit__read(captured->file, captured->text, sizeof(captured->text));
}

#endif
