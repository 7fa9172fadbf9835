// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "json.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#define MAX_DEPTH 16

/* Each of these takes what its name says off the text, or returns NULL if it isn't there. */
static const char *value(const char *p, int depth);

static const char *space(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

static const char *literal(const char *p, const char *text)
{
	return !strncmp(p, text, strlen(text)) ? p + strlen(text) : NULL;
}

/* Unicode, table 3-7. */
static const char *utf8(const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	uint8_t low = 0x80, high = 0xbf;
	int more;

	if (*p < 0x80)
		return text + 1;
	if (*p < 0xc2 || *p > 0xf4)
		return NULL;
	more = *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
	if (*p == 0xe0)
		low = 0xa0;
	else if (*p == 0xed)
		high = 0x9f;
	else if (*p == 0xf0)
		low = 0x90;
	else if (*p == 0xf4)
		high = 0x8f;
	for (int i = 1; i <= more; i++, low = 0x80, high = 0xbf)
		if (p[i] < low || p[i] > high)
			return NULL;
	return text + 1 + more;
}

static const char *escape(const char *p)
{
	if (*++p != 'u')
		return *p && strchr("\"\\/bfnrt", *p) ? p + 1 : NULL;
	for (int i = 1; i <= 4; i++)
		if (!isxdigit((unsigned char)p[i]))
			return NULL;
	return p + 5;
}

static const char *string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	while (p && *p != '"') {
		if ((unsigned char)*p < 0x20)
			return NULL;
		p = *p == '\\' ? escape(p) : utf8(p);
	}
	return p ? p + 1 : NULL;
}

static const char *digits(const char *p)
{
	if (!isdigit((unsigned char)*p))
		return NULL;
	while (isdigit((unsigned char)*p))
		p++;
	return p;
}

static const char *number(const char *p)
{
	p += *p == '-';
	p = *p == '0' ? p + 1 : digits(p);
	if (p && *p == '.')
		p = digits(p + 1);
	if (p && (*p == 'e' || *p == 'E')) {
		p++;
		p = digits(p + (*p == '+' || *p == '-'));
	}
	return p;
}

static const char *member(const char *p, int depth)
{
	p = string(p);
	if (!p || *(p = space(p)) != ':')
		return NULL;
	return value(p + 1, depth);
}

static const char *list(const char *p, char end, int depth)
{
	p = space(p + 1);
	if (*p == end)
		return p + 1;
	while (p) {
		p = end == '}' ? member(space(p), depth) : value(p, depth);
		if (p && *p == end)
			return p + 1;
		p = p && *p == ',' ? p + 1 : NULL;
	}
	return NULL;
}

static const char *value(const char *p, int depth)
{
	p = space(p);
	if (depth > MAX_DEPTH)
		return NULL;
	switch (*p) {
	case '{':
		p = list(p, '}', depth + 1);
		break;
	case '[':
		p = list(p, ']', depth + 1);
		break;
	case '"':
		p = string(p);
		break;
	case 't':
		p = literal(p, "true");
		break;
	case 'f':
		p = literal(p, "false");
		break;
	case 'n':
		p = literal(p, "null");
		break;
	default:
		p = number(p);
	}
	return p ? space(p) : NULL;
}

bool json__is_valid(const char *line)
{
	const char *end = value(line, 0);

	return end && (*end == '\n' || !*end);
}

bool json__member(const char *line, const char *name, char *out, size_t size)
{
	const char *p = space(line), *end;

	if (*p != '{')
		return false;
	for (p++; p && *p; p = *p == ',' ? p + 1 : NULL) {
		const char *key = space(p) + 1;

		end = string(key - 1);
		if (!end)
			return false;
		p = space(space(end) + 1);
		if (!strncmp(key, name, strlen(name)) && key + strlen(name) + 1 == end)
			break;
		p = value(p, 1);
		if (!p)
			return false;
	}
	end = p ? value(p, 1) : NULL;
	if (!end)
		return false;
	if (*p == '"') {
		p++;
		end--;
	}
	if ((size_t)(end - p) >= size)
		return false;
	memcpy(out, p, end - p);
	out[end - p] = '\0';
	return true;
}

bool json__member_is(const char *line, const char *name, const char *expected)
{
	char seen[256];

	return json__member(line, name, seen, sizeof(seen)) && !strcmp(seen, expected);
}

const char *json__next(const char *line)
{
	const char *end = strchr(line, '\n');

	return end && end[1] ? end + 1 : NULL;
}
