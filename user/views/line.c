// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "line.h"

#include <stdio.h>
#include <string.h>

#include "screen.h"

#define CONTROL(letter) ((letter)&0x1f)

/* As UTF-8; returns how many bytes. */
static size_t encode(char *p, unsigned int c)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (char)(0xc0 | c >> 6);
		p[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xe0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 0x3f));
		p[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (char)(0xf0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 0x3f));
	p[2] = (char)(0x80 | (c >> 6 & 0x3f));
	p[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static void cut(struct line *line, size_t len)
{
	line->len = len;
	line->text[len] = '\0';
}

static void insert(struct line *line, unsigned int character)
{
	char bytes[4];
	size_t size = encode(bytes, character);

	if (line->len + size > LINE_MAX_BYTES)
		return;
	memcpy(line->text + line->len, bytes, size);
	cut(line, line->len + size);
}

/* A whole character, of however many bytes. */
static void erase_character(struct line *line)
{
	size_t len = line->len;

	while (len && (line->text[len - 1] & 0xc0) == 0x80)
		len--;
	cut(line, len ? len - 1 : 0);
}

static void erase_word(struct line *line)
{
	size_t len = line->len;

	while (len && line->text[len - 1] == ' ')
		len--;
	while (len && line->text[len - 1] != ' ')
		len--;
	cut(line, len);
}

bool line__key(struct line *line, int key)
{
	switch (key) {
	case KEY__BACKSPACE:
		erase_character(line);
		return true;
	case CONTROL('u'):
		cut(line, 0);
		return true;
	case CONTROL('w'):
		erase_word(line);
		return true;
	}
	if (key < ' ' || key >= KEY__SPECIAL)
		return false;
	insert(line, key);
	return true;
}

void line__set(struct line *line, const char *text)
{
	snprintf(line->text, sizeof(line->text), "%s", text);
	line->len = strlen(line->text);
}
