// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "lines.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/parse.h"
#include "transition.h"

static bool read_number(const char *value, uint64_t max, uint64_t *number)
{
	return parse_number(&value, max, number) && !*value;
}

#define READ_UNSIGNED(bits)                                                                        \
	bool read_u##bits(const char *value, void *dest)                                           \
	{                                                                                          \
		uint64_t number;                                                                   \
		bool ok = read_number(value, UINT##bits##_MAX, &number);                           \
                                                                                                   \
		if (ok)                                                                            \
			*(uint##bits##_t *)dest = number;                                          \
		return ok;                                                                         \
	}

READ_UNSIGNED(8)
READ_UNSIGNED(16)
READ_UNSIGNED(32)
READ_UNSIGNED(64)

bool read_time(const char *value, void *dest)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = { { "", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 } };
	uint64_t number;

	if (!parse_number(&value, UINT64_MAX, &number))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(value, units[i].name)) {
			*(uint64_t *)dest = number * units[i].ns;
			return true;
		}
	}
	return false;
}

bool read_state(const char *value, void *dest)
{
	for (unsigned int state = 1; state < STATE_COUNT; state++) {
		if (!strcmp(value, state__name(state))) {
			*(uint8_t *)dest = state;
			return true;
		}
	}
	return read_u8(value, dest);
}

bool read_how(const char *value, void *dest)
{
	for (unsigned int how = OWNER_UNKNOWN; how <= OWNER_SNAPSHOT; how++) {
		if (!strcmp(value, owner_how__name(how))) {
			*(uint8_t *)dest = how;
			return true;
		}
	}
	return read_u8(value, dest);
}

struct named {
	const char *name;
	uint8_t value;
};

/* One of the names, of which the last is NULL, or a number. */
static bool read_named(const struct named *named, const char *value, void *dest)
{
	for (; named->name; named++) {
		if (!strcmp(value, named->name)) {
			*(uint8_t *)dest = named->value;
			return true;
		}
	}
	return read_u8(value, dest);
}

bool read_flags(const char *value, void *dest)
{
	static const struct named names[] = {
		{ "enters_time_wait", EVENT_ENTERS_TIME_WAIT | EVENT_FIN_ACKED },
		{ "fin_acked", EVENT_FIN_ACKED },
		{},
	};

	return read_named(names, value, dest);
}

bool read_phase(const char *value, void *dest)
{
	static const struct named names[] = {
		{ "alive", STANDIN_ALIVE },
		{ "stopped", STANDIN_STOPPED },
		{ "expired", STANDIN_EXPIRED },
		{},
	};

	return read_named(names, value, dest);
}

bool read_standin_flags(const char *value, void *dest)
{
	static const struct named names[] = {
		{ "final", STANDIN_FINAL },
		{ "acked", STANDIN_ACKED },
		{ "unattended", STANDIN_UNATTENDED },
		{},
	};

	return read_named(names, value, dest);
}

bool read_error(const char *value, void *dest)
{
	for (int error = 1; error < 200; error++) {
		const char *name = strerrorname_np(error);

		if (name && !strcmp(value, name)) {
			*(uint16_t *)dest = error;
			return true;
		}
	}
	return read_u16(value, dest);
}

bool read_address(const char *value, void *dest)
{
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(value, ':') ? "" : "::ffff:", value);
	return inet_pton(AF_INET6, mapped, dest) == 1;
}

/* All of its bytes may be used; then it has no NUL. */
bool read_comm(const char *value, void *dest)
{
	size_t len = strlen(value);

	if (len > OWNER_COMM_LEN)
		return false;
	memset(dest, 0, OWNER_COMM_LEN);
	memcpy(dest, value, len);
	return true;
}

/* Empty: the source has found none. */
bool read_path(const char *value, void *dest)
{
	*(const char **)dest = *value ? value : NULL;
	return true;
}

bool read_string(const char *value, void *dest)
{
	*(const char **)dest = value;
	return true;
}

bool read_where(const char *value, void *dest)
{
	for (enum loss_where where = 0; where < LOSS_WHERE_COUNT; where++) {
		if (!strcmp(value, loss_where__name(where))) {
			*(enum loss_where *)dest = where;
			return true;
		}
	}
	return false;
}

_Noreturn void refuse(unsigned int line, const char *what, const char *word)
{
	fprintf(stderr, "replay: line %u: %s: %s\n", line, word, what);
	exit(2);
}

/* The field that the word is about; NULL if none of them. */
static const struct word_field *find_field(const struct word_field *field, const char *word)
{
	size_t len = strcspn(word, "=");

	for (; field && field->name; field++)
		if (strlen(field->name) == len && !strncmp(field->name, word, len) && word[len])
			return field;
	return NULL;
}

void set_fields(unsigned int line, char **words, void *dest, const struct word_field *fields,
		const struct word_field *more)
{
	for (; *words; words++) {
		const struct word_field *field = find_field(fields, *words)
							 ?: find_field(more, *words);

		if (!field)
			refuse(line, "unknown key", *words);
		if (!field->read(strchr(*words, '=') + 1, (char *)dest + field->at))
			refuse(line, "bad value", *words);
	}
}

/* Reads the character behind a backslash; *text moves behind what was read. */
static char unescape(unsigned int line, char **text)
{
	char *p = *text, hex[3] = "";

	*text += *p == 'x' ? 3 : 1;
	switch (*p) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '"':
	case '\\':
		return *p;
	case 'x':
		memcpy(hex, p + 1, strnlen(p + 1, 2));
		if (strlen(hex) == 2 && strspn(hex, "0123456789abcdef") == 2)
			return strtol(hex, NULL, 16);
	}
	refuse(line, "unknown escape", p);
}

/* Cuts the line into words, within its own memory. The last one is followed by a NULL. */
void split(unsigned int number, char *line, char **words)
{
	size_t count = 0;
	bool quoted = false;
	char *end;

	while (*(line += strspn(line, " \t"))) {
		if (count == WORDS_MAX)
			refuse(number, "too many words", line);
		words[count++] = end = line;
		for (; *line && (quoted || !strchr(" \t", *line)); line++) {
			if (*line == '"') {
				quoted = !quoted;
			} else if (quoted && *line == '\\') {
				line++;
				*end++ = unescape(number, &line);
				line--;
			} else {
				*end++ = *line;
			}
		}
		if (quoted)
			refuse(number, "a quote is not closed", words[count - 1]);
		line += *line != '\0';
		*end = '\0';
	}
	words[count] = NULL;
}
