// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table of top, and the transitions of one of its rows. */
#include <inttypes.h>
#include <stdio.h>

#include "../support/format.h"
#include "picture.h"
#include "print.h"

/* A column is one row here, by enum rank_by; the blank in front is included. */
static const struct {
	const char *title;
	int width; /* 0: what is left */
} columns[RANKS] = {
	[RANK_NAME] = { "", 0 },
	[RANK_OPEN] = { "OPEN", 7 },
	[RANK_OPENED] = { "OPENED/S", 10 },
	[RANK_FAILED] = { "FAILED/S", 10 },
	[RANK_CONNECT_P50] = { "CONN50", 8 },
	[RANK_CONNECT_P99] = { "CONN99", 8 },
	[RANK_LIFE_P50] = { "LIFE50", 8 },
	[RANK_LIFE_P99] = { "LIFE99", 8 },
};

#define NAME_MIN 8

/* The first is the name of what stands in a table's rows, the second what it is about. */
static const struct {
	const char *title, *tab;
} tables[TABLES] = {
	[BY_COMM] = { "PROGRAM", "program" },
	[BY_LPORT] = { "LOCAL PORT", "local port" },
	[BY_RADDR] = { "REMOTE ADDRESS", "remote address" },
	[BY_RPORT] = { "REMOTE PORT", "remote port" },
	[BY_NETNS] = { "NAMESPACE", "namespace" },
};

static const char *name_of_key(char *text, const struct row_key *key, enum table_by by)
{
	char *end = text;

	switch (by) {
	case BY_COMM:
		end = format__escaped(text, key->comm);
		break;
	case BY_RADDR:
		end = format__address(text, &key->address, key->family);
		break;
	default:
		end = format__u64(text, key->number);
		break;
	}
	*end = '\0';
	return text;
}

const char *row_name(char *text, const struct row_key *key, enum table_by by)
{
	_Static_assert(OWNER_COMM_LEN * FORMAT_ESCAPE_FACTOR + FORMAT_SLACK <= ROW_NAME_MAX,
		       "a name fits");
	switch (key->kind) {
	case ROW_OTHERS:
		return "(others)";
	case ROW_OPPOSITE:
		return by == BY_LPORT ? "(outgoing)" : "(incoming)";
	case ROW_UNOWNED:
		return "-";
	}
	return name_of_key(text, key, by);
}

static int name_width(const struct screen *screen)
{
	int width = screen__width(screen);

	for (unsigned int i = 0; i < RANKS; i++)
		width -= columns[i].width;
	return width < NAME_MIN ? NAME_MIN : width;
}

static void draw_tabs(const struct picture *picture, struct screen *screen, int y)
{
	int x = 0, width = screen__width(screen);

	for (unsigned int by = 0; by < TABLES; by++) {
		bool chosen = by == picture->controls->by;

		x = screen__put(screen, y, x, width, STYLE_PLAIN, chosen ? "[" : " ");
		x = screen__put(screen, y, x, width, chosen ? STYLE_TITLE : STYLE_FAINT,
				tables[by].tab);
		x = screen__put(screen, y, x, width, STYLE_PLAIN, chosen ? "] " : "  ");
	}
}

/* Of the column by which rows are sorted: the greatest is above, or below. */
static const char *mark_of(const struct controls *controls, const struct screen *screen)
{
	if (screen__is_utf8(screen))
		return controls->reverse ? "▲" : "▼";
	return controls->reverse ? "^" : "v";
}

static void draw_titles(const struct picture *picture, struct screen *screen, int y)
{
	const struct controls *controls = picture->controls;
	char text[PRINT_MAX];
	int x = 0;

	for (unsigned int i = 0; i < RANKS; i++) {
		const char *title = i == RANK_NAME ? tables[controls->by].title : columns[i].title;
		int width = columns[i].width ?: name_width(screen);
		const char *mark = i == controls->rank ? mark_of(controls, screen) : "";

		if (i == RANK_NAME)
			snprintf(text, sizeof(text), "%s%s", title, mark);
		else
			snprintf(text, sizeof(text), "%*s%s", width - (*mark ? 1 : 0), title, mark);
		screen__put(screen, y, x, width, i == controls->rank ? STYLE_CHOSEN : STYLE_TITLE,
			    text);
		x += width;
	}
}

static const char *value_text(char *text, const struct ranked *ranked, enum rank_by rank)
{
	uint64_t value = ranked->value[rank];

	switch (rank) {
	case RANK_OPEN:
		snprintf(text, PRINT_MAX, "%" PRIu64, value);
		return text;
	case RANK_OPENED:
	case RANK_FAILED:
		return rate_text(text, value);
	default:
		return value == NO_VALUE ? "-" : span_text(text, value);
	}
}

static void draw_row(const struct picture *picture, struct screen *screen, int y,
		     const struct ranked *ranked)
{
	char name[ROW_NAME_MAX], text[PRINT_MAX], value[PRINT_MAX];
	int x = name_width(screen);
	bool failing = ranked->value[RANK_FAILED];

	screen__put(screen, y, 0, x - 1, STYLE_PLAIN,
		    row_name(name, &ranked->key, picture->controls->by));
	for (unsigned int i = RANK_NAME + 1; i < RANKS; i++) {
		snprintf(text, sizeof(text), "%*s", columns[i].width, value_text(value, ranked, i));
		x = screen__put(screen, y, x, columns[i].width,
				i == RANK_FAILED && failing ? STYLE_ALARM : STYLE_PLAIN, text);
	}
}

int table__draw(const struct picture *picture, struct screen *screen, int y, int end)
{
	struct controls *controls = picture->controls;
	const struct ranking *ranking = picture->ranking;

	if (y < end)
		draw_tabs(picture, screen, y++);
	if (y < end)
		draw_titles(picture, screen, y++);
	controls__fit(controls, ranking->count, end > y ? end - y : 0);
	for (uint32_t i = controls->first; i < ranking->count && y < end; i++, y++) {
		draw_row(picture, screen, y, &ranking->list[i]);
		if (i == controls->selected)
			screen__paint(screen, y, 0, screen__width(screen), STYLE_SELECTED);
	}
	return end;
}

struct tail_line {
	struct screen *screen;
	int y, end;
	uint32_t pan;
	bool title;
};

/* What is left of the part that is shown: columns, of which UTF-8's continuation bytes are none. */
static size_t skip(const char *text, size_t len, uint32_t columns_left)
{
	size_t at = 0;

	for (; at < len && columns_left; columns_left--)
		do
			at++;
		while (at < len && (text[at] & 0xc0) == 0x80);
	return at;
}

static void draw_tail_line(void *ctx, const char *text, size_t len)
{
	struct tail_line *line = ctx;
	size_t at = skip(text, len, line->pan);
	char shown[1024];

	if (line->y < line->end) {
		snprintf(shown, sizeof(shown), "%.*s", (int)(len - at), text + at);
		screen__put(line->screen, line->y++, 0, screen__width(line->screen),
			    line->title ? STYLE_TITLE : STYLE_PLAIN, shown);
	}
	line->title = false;
}

int tail__draw(const struct picture *picture, struct screen *screen, int y, int end)
{
	struct controls *controls = picture->controls;
	struct tail_line line = { screen, y + 1, end, controls->pan, true };
	uint32_t count = tail__count(picture->tail), shown;
	uint64_t missed = tail__missed(picture->tail);
	char text[64];
	int x;

	x = screen__put(screen, y, 0, screen__width(screen), STYLE_TITLE, "transitions of ");
	x = screen__put(screen, y, x, screen__width(screen), STYLE_PLAIN, picture->followed);
	if (missed) {
		snprintf(text, sizeof(text), "  and %" PRIu64 " more since", missed);
		screen__put(screen, y, x, screen__width(screen), STYLE_SELECTED, text);
	}
	controls__fit(controls, count, end > y + 2 ? end - y - 2 : 0);
	shown = count < controls->page ? count : controls->page;
	tail__print(picture->tail, count - shown - controls->back, shown, draw_tail_line, &line);
	return end;
}
