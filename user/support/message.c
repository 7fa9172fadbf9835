// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void message(const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	/* One call, one write: lines of several programs on one terminal don't mix. */
	fprintf(stderr, "tcpflux: %s\n", line);
}

int message_errno(int err, const char *what)
{
	message("%s: %s", what, strerror(-err));
	return err;
}

/* Columns: UTF-8's continuation bytes take none. */
static int width_of(const char *text, size_t len)
{
	int width = 0;

	for (size_t i = 0; i < len; i++)
		width += (text[i] & 0xc0) != 0x80;
	return width;
}

/* What would break the line, or the terminal, is a blank in it. */
static void show(char *line, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		line[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i];
	line[len] = '\0';
}

void message_at(const char *what, const char *problem, const char *text, size_t at)
{
	/* Shown before and behind it. */
	enum { BEFORE = 48, BEHIND = 48 };
	size_t from = at > BEFORE ? at - BEFORE : 0, len;
	char line[BEFORE + BEHIND + 1] = "";
	const char *dots = from ? "..." : "";

	len = strnlen(text + from, at - from + BEHIND);
	show(line, text + from, len);
	fprintf(stderr, "tcpflux: %s: %s\n  %s%s%s\n  %*s^\n", what, problem, dots, line,
		text[from + len] ? "..." : "", (int)strlen(dots) + width_of(line, at - from), "");
}
